import { errorDetails, explain } from './explain';

export interface Toast {
  id: number;
  tone: 'ok' | 'danger' | 'info';
  title: string;
  text?: string;
  action?: { label: string; run: () => void };
  /** What "copy details" copies. */
  details?: string;
}

type Listener = () => void;

let toasts: Toast[] = [];
let nextId = 0;
const listeners = new Set<Listener>();
const MOST = 4;

function set(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export const currentToasts = (): Toast[] => toasts;

export function onToasts(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const dismiss = (id: number): void => set(toasts.filter((each) => each.id !== id));

export function toast(message: Omit<Toast, 'id'>): void {
  set([...toasts, { ...message, id: ++nextId }].slice(-MOST));
}

/** Says that an action failed: what happened, why, and what to do. */
export function toastError(title: string, error: unknown): void {
  const { why, advice } = explain(error);
  toast({ tone: 'danger', title, text: [why, advice].filter(Boolean).join(' '), details: errorDetails(title, error) });
}
