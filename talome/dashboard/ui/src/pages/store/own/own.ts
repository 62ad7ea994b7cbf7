import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type UserApp = Schemas['UserApp'];
export type UserAppFiles = Schemas['UserAppFiles'];
export type Complaint = Schemas['Complaint'];

export const NEW = 'new';
export const addressOfOwn = (id: string): string => `/store/-/own/${id}`;

export const useOwnApps = () =>
  useQuery({ queryKey: ['apps', 'own'], queryFn: () => unwrap(api.GET('/api/user-apps')) });

/** Where an app's files are wrong, when the server said so. */
export function complaintOf(error: unknown): Complaint | null {
  const told = error instanceof ApiError ? error.details.complaint : undefined;
  if (typeof told !== 'object' || told === null) return null;
  const { message, file, line } = told as Partial<Complaint>;
  return typeof message === 'string' ? { message, file: file ?? null, line: line ?? null } : null;
}
