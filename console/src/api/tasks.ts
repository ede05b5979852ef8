import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { path, request } from './client';
import type { NewTask, OneTask, TaskChange, TaskPage, TaskStatus } from './types';

const TASKS = ['tasks'] as const;
const PAGE = 50;

export interface TaskFilter {
  assigned_to: string;
  priority: string;
}

/** The tasks of one column of the board. */
export function useTasks(status: TaskStatus, filter: TaskFilter) {
  return useInfiniteQuery({
    queryKey: [...TASKS, status, filter],
    queryFn: ({ pageParam, signal }) =>
      request<TaskPage>('/api/tasks', { query: { status, ...filter, limit: PAGE, offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const read = pages.reduce((sum, each) => sum + each.tasks.length, 0);
      return page.tasks.length > 0 && read < page.total ? read : undefined;
    },
  });
}

/** A task that a column has is shown at once, and read again. */
export function useTask(id: string) {
  const cache = useQueryClient();
  const known = () =>
    cache
      .getQueriesData<InfiniteData<TaskPage>>({ queryKey: TASKS, type: 'active' })
      .flatMap(([, data]) => data?.pages ?? [])
      .flatMap((page) => page.tasks)
      .find((task) => String(task.id) === id);
  return useQuery({
    placeholderData: known,
    queryKey: [...TASKS, 'one', id],
    queryFn: ({ signal }) => request<OneTask>(path`/api/tasks/${id}`, { signal }).then(({ task }) => task),
  });
}

export function useCreateTask() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: NewTask) => request<OneTask>('/api/tasks', { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export function useUpdateTask() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, change }: { id: number; change: TaskChange }) =>
      request(path`/api/tasks/${String(id)}`, { method: 'PUT', body: change }),
    onSettled: refresh,
  });
}

export function useDeleteTask() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: number) => request(path`/api/tasks/${String(id)}`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: TASKS });
}
