import { Button } from './Button';

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The button under a list that has more. */
export function MorePages({ list, label }: { list: Paged; label: string }) {
  if (!list.hasNextPage) return null;
  return (
    <div className="more-pages">
      <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {label}
      </Button>
    </div>
  );
}
