import '@xterm/xterm/css/xterm.css';
import { Button, useComputedColorScheme } from '@mantine/core';
import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { endSession } from '@/api/session';
import { copyText } from '@/components/clipboard';
import { t } from '@/i18n';
import { night, paper } from './colours';
import { Connection, type Link, socketUrl } from './connection';
import { FindBar } from './FindBar';
import { findIn } from './find';
import type { Look, TerminalSession } from './model';
import { styleByProperties } from './styles';
import classes from './Terminal.module.css';

/** What the bar around a screen may do with it. */
export interface Handle {
  focus: () => void;
  type: (text: string) => void;
  selection: () => string;
  clear: () => void;
  find: () => void;
}

interface Props {
  session: TerminalSession;
  look: Look;
  /** Where the screen leaves its handle while it is shown. */
  handle: React.RefObject<Handle | null>;
  isThere: () => Promise<boolean>;
  onTitle: () => void;
  onRemove: () => void;
}

/** What a terminal says by itself when a program asks about it: device attributes, positions, colours. */
// eslint-disable-next-line no-control-regex
const ANSWER = /^\u001b(\[[?>]?[\d;]*[cnR]|P|\])/;
const FONT_NAME = "'JetBrains Mono Variable'";
const FONT = `${FONT_NAME}, ui-monospace, 'SF Mono', Menlo, Consolas, monospace`;

/** One terminal, from the scroll-back that the server kept to what happens now. */
export default function Screen({ session, look, handle, isThere, onTitle, onRemove }: Props) {
  const scheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  const terminal = useRef<Terminal>(null);
  const fit = useRef<FitAddon>(null);
  const connection = useRef<Connection>(null);
  const [link, setLink] = useState<Link>('connecting');
  const [exit, setExit] = useState<number | null>(null);
  const [finding, setFinding] = useState(false);
  const calls = useRef({ isThere, onTitle });
  calls.current = { isThere, onTitle };

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const term = makeTerminal(session.title, () => setFinding(true));
    const fitting = new FitAddon();
    term.loadAddon(fitting);
    term.loadAddon(new WebLinksAddon((_, address) => void window.open(address, '_blank', 'noopener,noreferrer')));
    term.open(parent);
    // A program that asked the terminal something got its answer then; repeating the question must not type it again.
    let replaying = true;
    let left = 0;
    let first = true;
    const wire = new Connection(socketUrl(session.id), {
      onLink: setLink,
      onReady: ({ replayBytes, readOnly, cols, rows }) => {
        term.reset();
        term.options.disableStdin = readOnly;
        term.options.cursorBlink = !readOnly;
        replaying = (left = replayBytes) > 0;
        if (first) term.focus(); // the menu that opened it has had its turn
        first = false;
        fitting.fit();
        if (term.cols !== cols || term.rows !== rows) wire.resize(term.cols, term.rows);
      },
      onBytes: (data) => {
        left -= data.length;
        const last = replaying && left <= 0;
        term.write(data, last ? () => (replaying = false) : undefined);
      },
      onSkipped: () => term.reset(),
      onTitle: () => calls.current.onTitle(),
      onSize: (cols, rows) => term.resize(cols, rows),
      onExit: setExit,
      isThere: () => calls.current.isThere(),
      onSessionEnded: () => endSession('expired'),
    });
    term.onData((text) => (replaying && ANSWER.test(text)) || wire.type(text));
    term.onBinary((text) => replaying || wire.send(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    term.onResize(({ cols, rows }) => wire.resize(cols, rows));
    // Measured before its font is there, every column would be a little off.
    void document.fonts.load(`13px ${FONT_NAME}`).then(() => {
      if (terminal.current !== term) return;
      term.options.fontFamily = 'monospace';
      term.options.fontFamily = FONT;
      fitting.fit();
    });
    const sizes = new ResizeObserver(() => fitting.fit());
    sizes.observe(parent);
    terminal.current = term;
    fit.current = fitting;
    connection.current = wire;
    handle.current = {
      focus: () => term.focus(),
      type: (text) => (wire.type(text), term.focus()),
      selection: () => term.getSelection(),
      clear: () => term.clear(),
      find: () => setFinding(true),
    };
    term.focus();
    return () => {
      handle.current = null;
      sizes.disconnect();
      wire.end();
      term.dispose();
    };
    // A new id is a new terminal; a new title is not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [session.id, handle]);

  useEffect(() => {
    const term = terminal.current;
    if (term === null) return;
    term.options.theme = scheme === 'dark' ? night : paper;
    term.options.fontSize = look.fontSize;
    term.options.screenReaderMode = look.screenReader;
    fit.current?.fit();
  }, [scheme, look.fontSize, look.screenReader]);

  return (
    <div className={classes.screen}>
      <div ref={place} className={classes.place} />
      {finding && (
        <FindBar
          onFind={(text, backwards) => terminal.current !== null && findIn(terminal.current, text, backwards)}
          onClose={() => {
            setFinding(false);
            terminal.current?.focus();
          }}
        />
      )}
      <Banner link={link} exit={exit} onRetry={() => connection.current?.retry()} onRemove={onRemove} />
    </div>
  );
}

function makeTerminal(title: string, onFind: () => void): Terminal {
  styleByProperties();
  const term = new Terminal({
    fontFamily: FONT,
    lineHeight: 1.25,
    scrollback: 5_000,
    allowProposedApi: false,
    minimumContrastRatio: 4.5,
    macOptionIsMeta: true,
  });
  term.attachCustomKeyEventHandler((event) => {
    const both = event.shiftKey && (event.ctrlKey || event.metaKey);
    if (both && event.code === 'KeyC' && term.hasSelection()) {
      if (event.type === 'keydown') void copyText(term.getSelection()).then(() => term.focus());
      event.preventDefault();
      return false;
    }
    if (both && event.code === 'KeyF') {
      if (event.type === 'keydown') onFind();
      event.preventDefault();
      return false;
    }
    return !(both && event.code === 'KeyV'); // the browser pastes
  });
  queueMicrotask(() => term.textarea?.setAttribute('aria-label', t('terminal.screen', { title })));
  return term;
}

interface BannerProps {
  link: Link;
  exit: number | null;
  onRetry: () => void;
  onRemove: () => void;
}

function Banner({ link, exit, onRetry, onRemove }: BannerProps) {
  const over = exit !== null || link === 'gone';
  if (!over && link === 'open') return null;
  const text = over ? ending(exit) : t(link === 'lost' ? 'terminal.lost' : 'terminal.connecting');
  return (
    <div className={classes.banner} role="status" data-quiet={(!over && link === 'connecting') || undefined}>
      <span>{text}</span>
      {over && (
        <Button size="xs" variant="default" onClick={onRemove}>
          {t('terminal.remove')}
        </Button>
      )}
      {!over && link === 'lost' && (
        <Button size="xs" variant="default" onClick={onRetry}>
          {t('terminal.reconnect')}
        </Button>
      )}
    </div>
  );
}

const ending = (exit: number | null): string =>
  exit === null ? t('terminal.gone') : exit === 0 ? t('terminal.endedWell') : t('terminal.ended', { code: exit });
