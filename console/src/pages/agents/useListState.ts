// The list's filters and place live in the URL, so that it can be shared, reloaded and gone back to.
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import type { AgentFilter } from '../../api/agents';

const PAGE = 50;
const FILTERS = ['q', 'lifecycle', 'presence'] as const;

export function useListState() {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  // The tokens of the pages before this one; a token itself only leads forward.
  const { state } = useLocation() as { state: { pages?: string[] } | null };
  const pages = state?.pages ?? [];
  const get = (name: string) => params.get(name) ?? '';
  const token = get('page');

  const filter: AgentFilter = {
    q: get('q'),
    lifecycle: get('lifecycle'),
    presence: get('presence'),
    sort: get('sort') || 'name',
    limit: PAGE,
    pageToken: token,
  };

  const go = (change: Record<string, string>, before: string[], replace: boolean) => {
    const after = new URLSearchParams(params);
    for (const [name, value] of Object.entries(change)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    void navigate({ search: after.toString() }, { replace, state: { pages: before } });
  };

  return {
    filter,
    get,
    q: get('q'),
    isFiltered: FILTERS.some((name) => get(name) !== ''),
    isLaterPage: token !== '',
    set: (name: string, value: string) => go({ [name]: value, page: '' }, [], true),
    clear: () => go({ q: '', lifecycle: '', presence: '', page: '' }, [], true),
    next: (next: string) => go({ page: next }, [...pages, token], false),
    previous: () => go({ page: pages.at(-1) ?? '' }, pages.slice(0, -1), false),
  };
}

export type ListState = ReturnType<typeof useListState>;
