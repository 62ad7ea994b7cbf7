import { describe, expect, it, vi } from 'vitest';
import type { LogLine } from '@/api/types';
import type { Subscriber } from '@/live/socket';
import { type Entry, entryOf } from './buffer';
import { collect } from './download';
import { Feed } from './feed';
import { Search, type SearchWorker } from './search';
import { type Answer, type Question, Searcher } from './searcher';

const at = (micros: number) => `2026-11-22T12:00:00.${String(micros).padStart(6, '0')}Z`;
const line = (micros: number, text = `line ${micros}`): LogLine => ({ at: at(micros), stream: 'stdout', text, cut: false });

/** A socket whose other end is the test. */
class Wire {
  readonly subscribers: Subscriber[] = [];
  subscribe(subscriber: Subscriber) {
    this.subscribers.push(subscriber);
    return () => void this.subscribers.splice(this.subscribers.indexOf(subscriber), 1);
  }
  named = (operation: string) => this.subscribers.find((each) => each.operation === operation) as Subscriber;
}

describe('Feed', () => {
  const opened = (tail: number) => {
    const wire = new Wire();
    const newer: Entry[] = [];
    const older: Entry[] = [];
    const feed = new Feed(wire, 'web', 0, { tail, since: null }, {
      newer: (entries) => void newer.push(...entries),
      older: (entries) => void older.push(...entries),
      changed: () => undefined,
    });
    return { wire, feed, newer, older, stop: feed.follow() };
  };
  const texts = (entries: Entry[]) => entries.map(({ text }) => text);

  it('shows the newest lines first and reads the older ones up to them, each once', async () => {
    const { wire, older, feed } = opened(1_000);
    expect(wire.named('containers.logs').arguments()).toEqual({ id: 'web', follow: true, tail: 400 });
    wire.named('containers.logs').onData({ lines: [line(5, 'same'), line(5, 'b'), line(6)], dropped: 0 });
    await vi.waitFor(() => expect(wire.subscribers.length).toBe(2));
    const read = wire.named('containers.read_logs');
    expect(read.arguments()).toEqual({ id: 'web', tail: 1_000, until: at(6) });
    read.onData({ lines: [line(1), line(2)], dropped: 0 });
    expect(feed.reading).toBe(2);
    read.onData({ lines: [line(5, 'first of it'), line(5, 'same'), line(5, 'b'), line(6)], dropped: 0 });
    read.onEnd?.();
    expect(texts(older)).toEqual(['line 1', 'line 2', 'first of it']);
    expect(feed.reading).toBeNull();
  });

  it('asks for nothing older where the newest lines are enough', () => {
    vi.useFakeTimers();
    try {
      const { wire } = opened(200);
      wire.named('containers.logs').onData({ lines: [line(1)], dropped: 0 });
      vi.advanceTimersByTime(60_000);
      expect(wire.subscribers.length).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not repeat lines after a lost connection, but keeps equal lines otherwise', () => {
    const { wire, newer, feed } = opened(100);
    const follow = wire.named('containers.logs');
    follow.arguments();
    follow.onData({ lines: [line(1), line(2, 'same'), line(2, 'same')], dropped: 3 });
    expect(follow.arguments()).toEqual({ id: 'web', follow: true, tail: 10_000, since: at(2) });
    follow.onData({ lines: [line(2, 'same'), line(2, 'new'), line(3), line(3)], dropped: 0 });
    expect(texts(newer)).toEqual(['line 1', 'same', 'same', 'new', 'line 3', 'line 3']);
    expect(feed.dropped).toBe(3);
  });
});

describe('Search', () => {
  const slow = (): SearchWorker => ({ postMessage: () => undefined, terminate: () => undefined, onmessage: null });
  const working = (): SearchWorker => {
    const worker: SearchWorker = {
      postMessage: (question: Question) => queueMicrotask(() => searcher.ask(question)),
      terminate: () => undefined,
      onmessage: null,
    };
    const searcher = new Searcher(
      (data: Answer) => worker.onmessage?.({ data } as MessageEvent<Answer>),
      (work) => setTimeout(work),
    );
    return worker;
  };
  const entries = Array.from({ length: 3_000 }, (_, index) => entryOf(line(index), index, 0));

  it('finds in what is there and in what comes, and says where', async () => {
    const search = new Search(working, () => undefined);
    search.find({ text: 'LINE 29\\d\\d$', regex: true }, entries);
    await vi.waitFor(() => expect(search.state).toBe('found'));
    expect(search.count).toBe(100);
    const late = entryOf(line(2_900), 1, 0);
    search.add([late]);
    await vi.waitFor(() => expect(search.count).toBe(101));
    expect(search.marksOf(late)).toBeNull();
    await vi.waitFor(() => expect(search.marksOf(late)).toEqual([0, 9]));
    search.forget(entries.slice(2_950));
    expect(search.count).toBe(51);
    search.find({ text: '2999', regex: false }, entries);
    await vi.waitFor(() => expect(search.state).toBe('found'));
    expect(search.count).toBe(0);
    search.find({ text: '', regex: false }, entries);
    expect(search.state).toBe('idle');
  });

  it('gives up on a pattern that takes ages', () => {
    vi.useFakeTimers();
    try {
      const search = new Search(slow, () => undefined);
      search.find({ text: '(a+)+$', regex: true }, entries);
      expect(search.state).toBe('searching');
      vi.advanceTimersByTime(60_000);
      expect(search.state).toBe('slow');
      search.find({ text: '(', regex: true }, entries);
      expect(search.state).toBe('invalid');
    } finally {
      vi.useRealTimers();
    }
  });
});

it('puts several logs into one file, and begins anew after a lost connection', async () => {
  const wire = new Wire();
  const ready = vi.fn<(file: Blob) => void>();
  collect(wire, { ids: ['a', 'b'], since: null, form: { times: false, names: ['a', 'b'] } }, {
    onProgress: () => undefined,
    onReady: ready,
    onFailed: () => undefined,
  });
  const [first, second] = [...wire.subscribers] as [Subscriber, Subscriber];
  for (const subscriber of [first, first, second]) {
    subscriber.arguments();
    if (subscriber === first) subscriber.onData({ lines: [line(1), line(3)], dropped: 0 });
  }
  second.onData({ lines: [line(2)], dropped: 0 });
  first.onEnd?.();
  expect(ready).not.toHaveBeenCalled();
  second.onEnd?.();
  expect(await ready.mock.calls[0]?.[0].text()).toBe('a line 1\nb line 2\na line 3\n');
});
