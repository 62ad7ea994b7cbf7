import { expect, test } from 'vitest';
import { eventData } from './events';

const stream = (...pieces: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });

async function read(...pieces: string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const data of eventData(stream(...pieces))) all.push(data);
  return all;
}

test('events are cut where they end, however the bytes arrive', async () => {
  expect(await read('data: {"a":', '1}\n', '\ndata: two\n\n', 'data: [DONE]\n\n')).toEqual(['{"a":1}', 'two', '[DONE]']);
});

test('comments and half an event at the end say nothing', async () => {
  expect(await read(': keepalive\n\nevent: x\n\ndata: one\n\ndata: cut off')).toEqual(['one']);
});

test('an event of several lines is one text', async () => {
  expect(await read('data: one\r\ndata: two\r\n\r\n')).toEqual(['one\ntwo']);
});
