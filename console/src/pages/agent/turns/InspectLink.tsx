import { Link, useLocation, useSearchParams } from 'react-router';
import { Icon } from '../../../ui/Icon';

/** Opens the turn inspector over the page, whichever tab it is. */
export function InspectLink({ turnId }: { turnId: string }) {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const search = new URLSearchParams(params);
  search.set('turn', turnId);
  return (
    <Link className="inspect-link" to={`${pathname}?${search}`} preventScrollReset>
      <Icon name="inspect" size={14} /> Inspect
    </Link>
  );
}
