import { openSocket } from '@/api/session';
import { backoffMs } from '@/live/backoff';

export type Link = 'connecting' | 'open' | 'lost' | 'gone';

export interface Ready {
  title: string;
  readOnly: boolean;
  cols: number;
  rows: number;
  /** How much of what follows has been there before. */
  replayBytes: number;
}

interface Control {
  ready?: Ready;
  exit?: number;
  title?: string;
  size?: { cols: number; rows: number };
  skipped?: number;
}

export interface Listener {
  onLink: (link: Link) => void;
  onReady: (ready: Ready) => void;
  onBytes: (data: Uint8Array) => void;
  onSkipped: () => void;
  onTitle: (title: string) => void;
  onSize: (cols: number, rows: number) => void;
  onExit: (code: number) => void;
  /** A refused connection says nothing to a browser: this finds out whether there is still something to go back to. */
  isThere: () => Promise<boolean>;
  onSessionEnded: () => void;
}

const RIGHTS_ENDED = 4401;
const EARLY_MOST = 1_000;
const PASTE_PIECE = 256 * 1024;

/** The socket of one terminal. It comes back by itself after a loss; the server then repeats the scroll-back. */
export class Connection {
  private socket: WebSocket | null = null;
  private timer = 0;
  private attempt = 0;
  private over = false;
  /** Typed before the first connection stood; nothing typed into a lost one is kept, since nobody sees it. */
  private readonly early: Uint8Array[] = [];
  private met = false;
  private readonly encoder = new TextEncoder();

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {
    this.connect();
  }

  type(text: string): void {
    this.send(this.encoder.encode(text));
  }

  send(data: Uint8Array): void {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      if (!this.met && this.early.length < EARLY_MOST) this.early.push(data);
      return;
    }
    for (let start = 0; start < data.length; start += PASTE_PIECE) {
      this.socket.send(data.slice(start, start + PASTE_PIECE));
    }
  }

  resize(cols: number, rows: number): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ resize: { cols, rows } }));
  }

  retry(): void {
    window.clearTimeout(this.timer);
    this.attempt = 0;
    if (!this.over && this.socket === null) this.connect();
  }

  end(): void {
    this.over = true;
    window.clearTimeout(this.timer);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private connect(): void {
    this.listener.onLink(this.attempt === 0 ? 'connecting' : 'lost');
    const socket = openSocket(this.url);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (this.socket !== socket) return;
      if (typeof data === 'string') this.onControl(JSON.parse(data) as Control);
      else this.listener.onBytes(new Uint8Array(data));
    };
    socket.onclose = ({ code }) => void this.onClose(socket, code);
  }

  private onControl({ ready, exit, title, size, skipped }: Control): void {
    if (ready) {
      this.attempt = 0;
      this.met = true;
      this.listener.onLink('open');
      this.listener.onReady(ready);
      for (const data of this.early.splice(0)) this.send(data);
    }
    if (title !== undefined) this.listener.onTitle(title);
    if (size) this.listener.onSize(size.cols, size.rows);
    if (skipped !== undefined) this.listener.onSkipped();
    if (exit !== undefined) {
      this.over = true;
      this.listener.onExit(exit);
    }
  }

  private async onClose(socket: WebSocket, code: number): Promise<void> {
    if (this.socket !== socket) return;
    this.socket = null;
    if (this.over) return;
    if (code === RIGHTS_ENDED) return this.listener.onSessionEnded();
    this.listener.onLink('lost');
    if (!(await this.listener.isThere())) {
      this.listener.onLink('gone');
      return;
    }
    if (!this.over) this.timer = window.setTimeout(() => this.connect(), backoffMs(this.attempt++));
  }
}

/** Where a terminal is reached: at the server's own address, so that one certificate covers it. */
export function socketUrl(id: string): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/terminal/sessions/${encodeURIComponent(id)}/socket`;
}
