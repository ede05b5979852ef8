import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { ApiError, request } from './client';
import { markSignedIn, mayBeSignedIn } from './hint';
import type { Me, Role, SessionUser } from './types';

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2, owner: 3 };

export const ME = ['me'] as const;

/** The signed-in user, or null when nobody is. */
export function useMe() {
  return useQuery({ queryKey: ME, queryFn: readMe, staleTime: 60_000, retry: 1 });
}

async function readMe(): Promise<SessionUser | null> {
  if (!mayBeSignedIn()) return null;
  try {
    return (await request<Me>('/api/auth/me')).user;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    markSignedIn(false);
    return null;
  }
}

export function useLogin() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (credentials: { username: string; password: string }) =>
      request<Me>('/api/auth/login', { method: 'POST', body: credentials }),
    onSuccess: ({ user }) => {
      markSignedIn(true);
      cache.setQueryData(ME, user);
    },
  });
}

/** Ends the session on the server and forgets everything that was read with it. */
export function useLogout() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => request('/api/auth/logout', { method: 'POST' }),
    onSettled: () => {
      markSignedIn(false);
      cache.setQueryData(ME, null);
      cache.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
    },
  });
}

export const SessionContext = createContext<SessionUser | null>(null);

/** The signed-in user, on pages that are only shown to one. */
export function useSession(): SessionUser {
  const user = useContext(SessionContext);
  if (!user) throw new Error('useSession is for pages behind the login');
  return user;
}

export function useOrg(): string {
  return useSession().org.id;
}

/** Whether the signed-in user has at least this role. */
export function useMay(floor: Role): boolean {
  return rank(useSession().role) >= RANK[floor];
}

export function rank(role: Role): number {
  return RANK[role];
}
