import { createContext, type ReactNode, useContext } from 'react';
import type { User } from '@/api/types';
import { may } from './pages';

const Session = createContext<User | null>(null);

export function SessionProvider({ user, children }: { user: User; children: ReactNode }) {
  return <Session value={user}>{children}</Session>;
}

export function useUser(): User {
  const user = useContext(Session);
  if (user === null) throw new Error('useUser outside of SessionProvider');
  return user;
}

/** Whether the person who is signed in holds a right. */
export const useMay = (scope: string): boolean => may(useUser(), scope);
