import createClient, { type Middleware } from 'openapi-fetch';
import { compareClocks } from './clock';
import { ApiError, errorFromResponse } from './errors';
import type { paths } from './schema';
import { endSession, sessionProof } from './session';

/** Refusals of these routes are about what was typed, not about the session. */
const CREDENTIAL_ROUTES = new Set(
  ['login', 'second-factor', 'recover', 'password', 'recovery-codes'].map((name) => `/api/auth/${name}`),
);

const watchAnswers: Middleware = {
  onRequest({ request }) {
    const proof = sessionProof();
    if (proof !== null) request.headers.set('X-Talome-Proof', proof);
  },
  onResponse({ response, schemaPath }) {
    compareClocks(response.headers.get('date'));
    if (response.status === 401 && !CREDENTIAL_ROUTES.has(schemaPath)) endSession('expired');
  },
};

export const api = createClient<paths>({ baseUrl: '' });
api.use(watchAnswers);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a request that succeeded; every failure, the network's included, is thrown as `ApiError`. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('The server cannot be reached', 0, 'unreachable');
  }
  if (!answer.response.ok) throw errorFromResponse(answer.response, answer.error);
  return answer.data as T;
}
