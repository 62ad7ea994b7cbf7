import type { User } from '@/api/types';

const KEY = 'talome.me';

interface Last {
  user: User;
  /** Milliseconds since 1970. */
  at: number;
}

/** Who was signed in when the server last answered, so that the frame can be shown without it. No secret is in it. */
export function lastUser(): Last | null {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Last> | null;
    const fits = typeof known?.at === 'number' && Array.isArray(known.user?.scopes) && typeof known.user.username === 'string';
    return fits ? (known as Last) : null;
  } catch {
    return null;
  }
}

export function keepLastUser(user: User): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ user, at: Date.now() }));
  } catch {
    // Without storage there is no frame to show offline, and nothing else is lost.
  }
}
