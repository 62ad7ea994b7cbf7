import { ApiError, errorFromResponse } from '@/api/errors';
import { endSession, sessionProof } from '@/api/session';
import { eventData } from './events';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What is known of an answer, from its first piece to its end. */
export interface Reply {
  text: string;
  thinking: string;
  state: 'waiting' | 'coming' | 'done' | 'stopped' | 'failed';
  firstMs: number | null;
  tookMs: number | null;
  tokensIn: number | null;
  tokensOut: number | null;
  costUsd: number | null;
  reason: string | null;
}

export const NO_REPLY: Reply = {
  text: '', thinking: '', state: 'waiting', firstMs: null, tookMs: null, tokensIn: null, tokensOut: null, costUsd: null, reason: null,
};

interface Chunk {
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null } }[];
  usage?: { prompt_tokens: number; completion_tokens: number; cost?: number } | null;
  error?: { message: string };
}

export interface Question {
  model: string;
  messages: Message[];
  maxTokens: number;
  signal: AbortSignal;
}

/** Asks the gateway as any client does, and tells of the answer while it comes. It never throws. */
export async function talk({ model, messages, maxTokens, signal }: Question, tell: (reply: Reply) => void): Promise<void> {
  const began = performance.now();
  let reply: Reply = NO_REPLY;
  const now = (change: Partial<Reply>) => tell((reply = { ...reply, ...change }));
  try {
    const body = JSON.stringify({ model, messages, max_tokens: maxTokens, stream: true, stream_options: { include_usage: true } });
    const headers = { 'Content-Type': 'application/json', 'X-Talome-Proof': sessionProof() ?? '' };
    const response = await fetch('/v1/chat/completions', { method: 'POST', headers, body, signal });
    if (response.status === 401) endSession('expired');
    if (!response.ok || response.body === null) throw errorFromResponse(response, await response.json().catch(() => null));
    for await (const data of eventData(response.body)) {
      if (data === '[DONE]') break;
      now(readChunk(reply, JSON.parse(data) as Chunk, performance.now() - began));
    }
    now({ state: 'done', tookMs: performance.now() - began });
  } catch (error) {
    const tookMs = performance.now() - began;
    if (signal.aborted) now({ state: 'stopped', tookMs });
    else now({ state: 'failed', tookMs, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** What a piece of the stream changes. */
export function readChunk(reply: Reply, chunk: Chunk, sinceMs: number): Partial<Reply> {
  if (chunk.error !== undefined) throw new ApiError(chunk.error.message, 502, 'upstream');
  const delta = chunk.choices?.[0]?.delta;
  const text = delta?.content ?? '';
  const thinking = delta?.reasoning_content ?? '';
  const change: Partial<Reply> = {};
  if (text !== '' || thinking !== '') {
    change.state = 'coming';
    change.text = reply.text + text;
    change.thinking = reply.thinking + thinking;
    change.firstMs = reply.firstMs ?? sinceMs;
  }
  if (chunk.usage != null) {
    change.tokensIn = chunk.usage.prompt_tokens;
    change.tokensOut = chunk.usage.completion_tokens;
    change.costUsd = chunk.usage.cost ?? null;
  }
  return change;
}
