import { describe, expect, it } from 'vitest';
import { ApiError, errorFromResponse, retryAfterSeconds } from '@/api/errors';
import { explain } from './explain';
import { extremes, joinHistory } from './history';
import { passwordScore } from './password';
import { isTold } from './shownJobs';
import { isTyped } from './TypedName';

describe('passwordScore', () => {
  it('counts length most and is not fooled by runs', () => {
    expect(passwordScore('short')).toBe(0);
    expect(passwordScore('aaaaaaaaaaaaaaaaaaaa')).toBe(1);
    expect(passwordScore('Password123!')).toBe(1);
    expect(passwordScore('annaannaanna', 'anna')).toBe(1);
    expect(passwordScore('velvet harbour lantern nine')).toBe(4);
  });
});

describe('joinHistory', () => {
  it('puts live points after stored ones and keeps the span', () => {
    const joined = joinHistory({ times: [10, 20, 30], values: [1, null, 3] }, [25, 35, 45], [9, 4, 5], 20);
    expect(joined).toEqual({ times: [30, 35, 45], values: [3, 4, 5] });
  });

  it('begins with the first known value', () => {
    expect(joinHistory({ times: [1, 2, 3], values: [null, null, 3] }, [], [], 60)).toEqual({ times: [3], values: [3] });
    expect(joinHistory({ times: [1, 2], values: [null, null] }, [3], [4], 60)).toEqual({ times: [3], values: [4] });
  });

  it('does without either part', () => {
    expect(joinHistory({ times: [], values: [] }, [1], [2], 60)).toEqual({ times: [1], values: [2] });
    expect(extremes([null, 4, 2])).toEqual({ low: 2, high: 4 });
    expect(extremes([null])).toBeNull();
  });
});

describe('errors', () => {
  it('reads the server’s sentence, request and field', () => {
    const response = new Response('', { status: 429, headers: { 'retry-after': '12' } });
    const error = errorFromResponse(response, { error: 'Too fast', code: 'too_many', requestId: 'req_1', field: 'name' });
    expect(error).toMatchObject({ message: 'Too fast', status: 429, requestId: 'req_1', retryAfterS: 12, field: 'name' });
    expect(errorFromResponse(new Response('', { status: 502 }), 'oops').message).toContain('502');
  });

  it('understands both forms of Retry-After', () => {
    expect(retryAfterSeconds('3')).toBe(3);
    expect(retryAfterSeconds('Sun, 22 Nov 2026 12:00:10 GMT', Date.UTC(2026, 10, 22, 12))).toBe(10);
    expect(retryAfterSeconds('soon')).toBeNull();
  });

  it('says what to do', () => {
    expect(explain(new ApiError('gone', 0, 'unreachable')).what).toBe('Your server does not answer.');
    expect(explain(new ApiError('You may not', 403, 'forbidden')).why).toBe('You may not.');
    expect(explain(new TypeError('Failed to fetch dynamically imported module: x')).what).toContain('updated');
  });
});

it('tells how a job ended, unless Talome did it by itself and it went well', () => {
  expect(isTold({ state: 'done', startedBy: 'ada' })).toBe(true);
  expect(isTold({ state: 'failed', startedBy: 'Talome' })).toBe(true);
  expect(isTold({ state: 'done', startedBy: 'Talome' })).toBe(false);
});

it('takes a typed name for what was meant', () => {
  expect(isTyped(' immich ', 'Immich')).toBe(true);
  expect(isTyped('imich', 'Immich')).toBe(false);
});
