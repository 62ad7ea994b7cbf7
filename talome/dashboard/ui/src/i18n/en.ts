import type { account } from './en/account';
import type { ai } from './en/ai';
import type { adopt } from './en/adopt';
import type { apps } from './en/apps';
import type { audit } from './en/audit';
import { common } from './en/common';
import { containers } from './en/containers';
import { gate } from './en/gate';
import { home } from './en/home';
import { logs } from './en/logs';
import { notifications } from './en/notifications';
import type { people } from './en/people';
import type { push } from './en/push';
import type { rights } from './en/rights';
import type { second } from './en/second';
import { settings } from './en/settings';
import type { stacks } from './en/stacks';
import type { store } from './en/store';
import { system } from './en/system';
import { terminal } from './en/terminal';

/** What the frame and most pages say, in English. A page brings its own file; the keys of all of them form one set. */
export const en = {
  ...common,
  ...gate,
  ...home,
  ...containers,
  ...logs,
  ...terminal,
  ...settings,
  ...system,
  ...notifications,
} as const;

/** Texts that come with what says them: `addTexts` is called there. */
type Later = typeof account & typeof ai & typeof adopt & typeof apps & typeof audit & typeof people & typeof push & typeof rights & typeof second & typeof stacks & typeof store;

export type Catalogue = typeof en & Later;
