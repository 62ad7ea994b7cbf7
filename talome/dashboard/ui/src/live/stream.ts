import { useEffect, useSyncExternalStore } from 'react';
import type { LiveFailure, Subscriber } from './socket';

export interface Live<T> {
  /** Null until the first item has arrived. */
  data: T | null;
  /** When the last item arrived, in milliseconds since 1970; null before the first. */
  at: number | null;
  failure: LiveFailure | null;
}

interface Source {
  subscribe(subscriber: Subscriber): () => void;
}

const LINGER_MS = 5_000;
const RETRY_MS = 5_000;

/**
 * One stream folded into one value, shared by every component that looks at it. The subscription starts with the first
 * reader and lingers a moment after the last one, so that moving between pages does not restart it.
 */
export class LiveStream<T, Item> {
  private value: Live<T> = { data: null, at: null, failure: null };
  private readers = 0;
  private stop: (() => void) | null = null;
  private lingering: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly source: Source,
    private readonly operation: string,
    private readonly args: Record<string, unknown>,
    private readonly fold: (previous: T | null, item: Item) => T,
  ) {}

  readonly get = (): Live<T> => this.value;

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Keeps the stream running until the function that comes back is called. */
  hold(): () => void {
    clearTimeout(this.lingering);
    this.readers += 1;
    if (this.stop === null) this.begin();
    return () => {
      this.readers -= 1;
      if (this.readers === 0) this.lingering = setTimeout(() => this.end(), LINGER_MS);
    };
  }

  private begin(): void {
    this.stop = this.source.subscribe({
      operation: this.operation,
      arguments: () => this.args,
      onData: (item) => this.set({ data: this.fold(this.value.data, item as Item), at: Date.now(), failure: null }),
      onEnd: () => this.retryLater(),
      onError: (failure) => {
        this.set({ ...this.value, failure });
        if (failure.status >= 500) this.retryLater();
      },
    });
  }

  private retryLater(): void {
    setTimeout(() => {
      if (this.readers > 0) this.begin();
      else this.stop = null;
    }, RETRY_MS);
  }

  private end(): void {
    this.stop?.();
    this.stop = null;
  }

  private set(value: Live<T>): void {
    this.value = value;
    for (const listener of this.listeners) listener();
  }
}

export function useStream<T, Item>(stream: LiveStream<T, Item>, wanted: boolean): Live<T> {
  useEffect(() => (wanted ? stream.hold() : undefined), [stream, wanted]);
  return useSyncExternalStore(stream.listen, stream.get);
}
