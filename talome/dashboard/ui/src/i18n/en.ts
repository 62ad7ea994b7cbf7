import { account } from './en/account';
import { common } from './en/common';
import { containers } from './en/containers';
import { gate } from './en/gate';
import { home } from './en/home';
import { logs } from './en/logs';
import { terminal } from './en/terminal';

/** Every string of the dashboard in English. A page brings its own file; the keys of all of them form one set. */
export const en = { ...common, ...gate, ...home, ...containers, ...logs, ...account, ...terminal } as const;

export type Catalogue = typeof en;
