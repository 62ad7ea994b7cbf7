import type { components } from '@/api/schema';

export type ShareLink = components['schemas']['ShareLink'];

export const SHARES = 'shares';
