/** What went wrong with one request. `message` is the server's own sentence when it sent one. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 when the server could not be reached. */
    readonly status: number,
    readonly code: string,
    readonly requestId: string | null = null,
    /** Seconds to wait before trying again, when the server said so. */
    readonly retryAfterS: number | null = null,
    /** The input that was refused, when it was one of them. */
    readonly field: string | null = null,
    /** The whole answer, for what only one kind of refusal says. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

interface ErrorBody {
  error?: unknown;
  code?: unknown;
  requestId?: unknown;
  field?: unknown;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Seconds from a Retry-After header: a number or a date. */
export function retryAfterSeconds(header: string | null, now: number = Date.now()): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});

/** The fields of an error, which the second version of the API nests: `{error: {code, message, details, requestId}}`. */
function fieldsOf(body: unknown): ErrorBody {
  const fields = record(body);
  if (typeof fields.error !== 'object') return fields;
  const { message, details, ...rest } = record(fields.error);
  return { ...record(details), ...rest, error: message };
}

export function errorFromResponse(response: Response, body: unknown): ApiError {
  const fields = fieldsOf(body);
  return new ApiError(
    text(fields.error) ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    response.status,
    text(fields.code) ?? 'http_error',
    text(fields.requestId) ?? response.headers.get('x-request-id'),
    retryAfterSeconds(response.headers.get('retry-after')),
    text(fields.field),
    { ...fields },
  );
}
