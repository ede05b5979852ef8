import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { NewUser, Page, User, UserChange } from './types';

const USERS = ['users'] as const;

export function useUsers() {
  const org = useOrg();
  return useInfiniteQuery({
    queryKey: USERS,
    queryFn: ({ pageParam, signal }) =>
      request<Page<User>>(path`/v1/orgs/${org}/users`, { query: { limit: 100, pageToken: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

export function useCreateUser() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: NewUser) => request<User>(path`/v1/orgs/${org}/users`, { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export function useUpdateUser() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: UserChange }) =>
      request<User>(path`/v1/orgs/${org}/users/${id}`, { method: 'PATCH', body: change }),
    onSuccess: refresh,
  });
}

export function useDeleteUser() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => request(path`/v1/orgs/${org}/users/${id}`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: USERS });
}
