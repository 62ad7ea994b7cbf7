import type { components } from '@/api/schema';
import { api, unwrap } from '@/api/client';

export type TerminalSession = components['schemas']['TerminalSession'];

/** How this person likes terminals, remembered by the browser. */
export interface Look {
  fontSize: number;
  screenReader: boolean;
}

export const initialLook: Look = { fontSize: 13, screenReader: false };
export const SMALLEST = 9;
export const LARGEST = 26;
export const KEY = ['terminals'] as const;

export const listTerminals = (): Promise<TerminalSession[]> => unwrap(api.GET('/api/terminal/sessions'));

/** A shell on this machine or in a container, or the logs of a project's containers. */
export type NewSession = { kind: 'host' } | { kind: 'container'; container: string } | { kind: 'compose'; project: string };

export const openTerminal = (body: NewSession): Promise<TerminalSession> => unwrap(api.POST('/api/terminal/sessions', { body }));

export const recordTerminal = (id: string, on: boolean): Promise<TerminalSession> =>
  unwrap(api.POST('/api/terminal/sessions/{id}/recording', { params: { path: { id } }, body: { on } }));

export const closeTerminal = (id: string) =>
  unwrap(api.DELETE('/api/terminal/sessions/{id}', { params: { path: { id } } }));

export const renameTerminal = (id: string, title: string): Promise<TerminalSession> =>
  unwrap(api.PUT('/api/terminal/sessions/{id}', { params: { path: { id } }, body: { title } }));
