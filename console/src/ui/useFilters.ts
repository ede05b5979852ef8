import { useNavigate, useSearchParams } from 'react-router';

/** Filters live in the URL, so that a look can be shared, reloaded and gone back to. */
export function useFilters() {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  return {
    get: (name: string) => params.get(name) ?? '',
    set: (name: string, value: string) => {
      // What was rendered last may be behind the URL: two filters can be set before the next rendering.
      const after = new URLSearchParams(window.location.search);
      if (value) after.set(name, value);
      else after.delete(name);
      void navigate({ search: after.toString() }, { replace: true });
    },
  };
}
