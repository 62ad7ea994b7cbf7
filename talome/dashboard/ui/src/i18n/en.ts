import type { account } from './en/account';
import type { ai } from './en/ai';
import type { adopt } from './en/adopt';
import type { apps } from './en/apps';
import type { audit } from './en/audit';
import { common } from './en/common';
import { containers } from './en/containers';
import type { files } from './en/files';
import { gate } from './en/gate';
import { home } from './en/home';
import { logs } from './en/logs';
import { notifications } from './en/notifications';
import type { material } from './en/material';
import type { memory } from './en/memory';
import type { people } from './en/people';
import type { push } from './en/push';
import type { rights } from './en/rights';
import type { second } from './en/second';
import { settings } from './en/settings';
import type { stacks } from './en/stacks';
import type { storage } from './en/storage';
import type { store } from './en/store';
import { system } from './en/system';
import { terminal } from './en/terminal';
import type { transfer } from './en/transfer';
import type { webhooks } from './en/webhooks';
import type { uploads } from './en/uploads';

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
type Later = typeof account & typeof ai & typeof adopt & typeof apps & typeof audit & typeof files & typeof material & typeof memory & typeof people & typeof push & typeof rights & typeof second & typeof stacks & typeof storage & typeof store & typeof transfer & typeof uploads & typeof webhooks;

export type Catalogue = typeof en & Later;
