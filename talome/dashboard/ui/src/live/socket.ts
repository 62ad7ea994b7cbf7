import { openSocket } from '@/api/session';
import { backoffMs } from './backoff';

/** `paused` = the tab has been hidden for a while; `offline` = the browser itself has no network. */
export type Connection = 'connecting' | 'open' | 'reconnecting' | 'offline' | 'paused';

export interface LiveFailure {
  error: string;
  code: string;
  status: number;
}

export interface Subscriber {
  operation: string;
  /** Asked again at each (re)subscription, so that a log can continue where it stopped. */
  arguments: () => Record<string, unknown>;
  onData: (item: unknown) => void;
  onEnd?: () => void;
  onError?: (failure: LiveFailure) => void;
}

interface Frame {
  id?: string;
  data?: unknown;
  end?: boolean;
  error?: LiveFailure;
}

const SESSION_ENDED = 4401;
const PAUSE_AFTER_MS = 15_000;
const OVERFLOW_PAUSE_MS = 1_000;

/**
 * The one WebSocket of this tab. Subscriptions survive reconnects: a stream begins with a snapshot, so resuming is asking
 * again.
 */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private state: Connection = 'connecting';
  private attempt = 0;
  private nextId = 0;
  private timer: number | undefined;
  private pauseTimer: number | undefined;
  private readonly subscribers = new Map<string, Subscriber>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly url: string,
    private readonly onSessionEnded: () => void,
    /** Called when the server did not accept the socket at all; browsers do not say why. */
    private readonly onRefused: () => void,
  ) {}

  start(): void {
    window.addEventListener('online', () => this.reconnectNow());
    // The browser only knows of the internet. The server may be on this very machine, so the socket decides.
    window.addEventListener('offline', () => this.startOver());
    document.addEventListener('visibilitychange', () => this.onVisibility());
    this.connect();
  }

  get connection(): Connection {
    return this.state;
  }

  onConnection(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Begins a stream; the function that comes back ends it. */
  subscribe(subscriber: Subscriber): () => void {
    const id = `s${++this.nextId}`;
    this.subscribers.set(id, subscriber);
    this.send({ id, subscribe: subscriber.operation, arguments: subscriber.arguments() });
    return () => {
      if (this.subscribers.delete(id)) this.send({ id, unsubscribe: true });
    };
  }

  /** Tries at once instead of waiting for the next turn. */
  reconnectNow(): void {
    if (this.state === 'open' || this.socket !== null) return;
    this.attempt = 0;
    this.connect();
  }

  private connect(): void {
    window.clearTimeout(this.timer);
    if (this.state !== 'connecting') this.setState('reconnecting');
    const socket = openSocket(this.url);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.onOpen();
    };
    socket.onmessage = (event) => this.onFrame(JSON.parse(String(event.data)) as Frame);
    socket.onclose = (event) => {
      if (!opened) this.onRefused();
      this.onClose(socket, event.code);
    };
  }

  private onOpen(): void {
    this.attempt = 0;
    this.setState('open');
    for (const [id, subscriber] of this.subscribers) {
      this.send({ id, subscribe: subscriber.operation, arguments: subscriber.arguments() });
    }
  }

  private onClose(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = null;
    if (code === SESSION_ENDED) return this.onSessionEnded();
    this.setState(navigator.onLine ? 'reconnecting' : 'offline');
    this.timer = window.setTimeout(() => this.connect(), backoffMs(this.attempt++));
  }

  private onFrame(frame: Frame): void {
    const { id } = frame;
    const subscriber = id === undefined ? undefined : this.subscribers.get(id);
    if (id === undefined || subscriber === undefined) return;
    if (frame.error !== undefined) this.onStreamError(id, subscriber, frame.error);
    else if (frame.end === true) {
      this.subscribers.delete(id);
      subscriber.onEnd?.();
    } else subscriber.onData(frame.data);
  }

  private onStreamError(id: string, subscriber: Subscriber, failure: LiveFailure): void {
    if (failure.code === 'overflow') {
      // This tab read too slowly; the snapshot of a new subscription brings it up to date.
      window.setTimeout(() => {
        if (this.subscribers.has(id)) this.send({ id, subscribe: subscriber.operation, arguments: subscriber.arguments() });
      }, OVERFLOW_PAUSE_MS);
      return;
    }
    this.subscribers.delete(id);
    subscriber.onError?.(failure);
  }

  private onVisibility(): void {
    window.clearTimeout(this.pauseTimer);
    if (document.hidden) {
      this.pauseTimer = window.setTimeout(() => this.leave('paused'), PAUSE_AFTER_MS);
    } else if (this.state === 'paused' || this.state === 'reconnecting') this.reconnectNow();
  }

  private startOver(): void {
    if (this.state === 'paused') return;
    this.leave('reconnecting');
    this.connect();
  }

  /** Gives the connection up until there is a reason to come back. */
  private leave(state: 'reconnecting' | 'paused'): void {
    window.clearTimeout(this.timer);
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.setState(state);
  }

  private send(message: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private setState(state: Connection): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
