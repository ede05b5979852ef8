import type { ReactNode } from 'react';
import { Link } from 'react-router';

/** One line of a list of facts. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** One of the large numbers at the top of a page. */
export function Figure({ name, value, to, bad }: { name: string; value: string; to?: string; bad?: boolean }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd className={bad ? 'bad-text' : ''}>{to ? <Link to={to}>{value}</Link> : value}</dd>
    </div>
  );
}
