import { ButtonLink } from '../ui/Button';
import { Empty } from '../ui/Note';
import { useTitle } from '../ui/Page';

export function MissingPage() {
  useTitle('Not found');
  return (
    <div className="page">
      <Empty
        whole
        icon="search"
        title="There is no such page"
        action={<ButtonLink to="/">Go to the overview</ButtonLink>}
      >
        The address is wrong, or the page needs a role that you do not have.
      </Empty>
    </div>
  );
}
