import { ApiError } from '@/api/errors';
import type { RequestOptions } from '@/api/passkeys';

/** What the server wants after the right password. */
export interface Demand {
  ticket: string;
  methods: string[];
  passkeyOptions?: RequestOptions;
  /** Names under which the person's other passkeys work. */
  passkeyHosts: string[];
}

/** Sends a sign-in; where the password was right and more is wanted, that is no failure. */
export async function orDemand(onDemand: (demand: Demand) => void, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'second_factor_needed')) throw error;
    onDemand(error.details as unknown as Demand);
  }
}
