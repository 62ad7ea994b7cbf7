import { ApiError, errorFromResponse } from '@/api/errors';
import { endSession, sessionProof } from '@/api/session';

/** The resumable upload protocol, version 1.0: https://tus.io/protocols/resumable-upload */
const VERSION = '1.0.0';
/** So much is sent in one request: what the server has is sure after each, and a proxy in between is not asked for more. */
export const PIECE_BYTES = 16 * 1024 * 1024;

interface Answer {
  status: number;
  header: (name: string) => string | null;
}

interface Sent {
  method: 'POST' | 'PATCH' | 'HEAD' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: Blob;
  onSent?: (bytes: number) => void;
  signal: AbortSignal;
}

/** One request. `fetch` does not say how much of a body has been sent, so this is the older way. */
function send({ method, url, headers = {}, body, onSent, signal }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (end: () => void) => {
      signal.removeEventListener('abort', stop);
      end();
    };
    request.open(method, url);
    const all = { 'Tus-Resumable': VERSION, 'X-Talome-Proof': sessionProof() ?? '', ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onSent?.(event.loaded);
    request.onload = () =>
      settle(() => {
        if (request.status >= 200 && request.status < 300) {
          return resolve({ status: request.status, header: (name) => request.getResponseHeader(name) });
        }
        if (request.status === 401) endSession('expired');
        reject(refusal(request));
      });
    request.onerror = () => settle(() => reject(new ApiError('The server cannot be reached', 0, 'unreachable')));
    request.onabort = () => settle(() => reject(new DOMException('Stopped', 'AbortError')));
    if (signal.aborted) return reject(new DOMException('Stopped', 'AbortError'));
    signal.addEventListener('abort', stop);
    request.send(body);
  });
}

function refusal(request: XMLHttpRequest): ApiError {
  const headers = new Headers();
  for (const name of ['x-request-id', 'retry-after']) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  let body: unknown = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // An answer of a proxy in between: its status says what there is to say.
  }
  return errorFromResponse(new Response(null, { status: request.status, statusText: request.statusText, headers }), body);
}

/** Metadata as the protocol wants it: names as they are, values in base64 of UTF-8. */
export function metadata(values: Record<string, string>): string {
  const encoded = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return Object.entries(values)
    .map(([name, value]) => `${name} ${encoded(value)}`)
    .join(',');
}

/** Tells the server of a file that is to come; the address to send it to. */
export async function create(url: string, size: number, values: Record<string, string>, signal: AbortSignal): Promise<string> {
  const headers = { 'Upload-Length': String(size), 'Upload-Metadata': metadata(values) };
  const answer = await send({ method: 'POST', url, headers, signal });
  const location = answer.header('Location');
  if (location === null) throw new ApiError('The server did not say where to send the file', answer.status, 'no_location');
  return new URL(location, window.location.href).pathname;
}

/** How much of it the server has. */
export async function offsetOf(url: string, signal: AbortSignal): Promise<number> {
  const answer = await send({ method: 'HEAD', url, signal });
  return Number(answer.header('Upload-Offset') ?? 0);
}

/** Sends one piece from where the server is; where it is then. */
export async function sendPiece(
  url: string,
  file: Blob,
  offset: number,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const body = file.slice(offset, offset + PIECE_BYTES);
  const headers = { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' };
  const answer = await send({ method: 'PATCH', url, headers, body, onSent, signal });
  return Number(answer.header('Upload-Offset') ?? offset + body.size);
}

/** Lets the server forget what it has of it. */
export const discard = (url: string): Promise<unknown> =>
  send({ method: 'DELETE', url, signal: new AbortController().signal });
