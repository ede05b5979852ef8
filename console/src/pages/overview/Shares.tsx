import { Link } from 'react-router';
import { count } from '../../text/format';
import type { Tone } from '../../ui/Badge';

export interface Share {
  name: string;
  value: number;
  tone: Tone;
  to: string;
}

/** One bar cut into its parts, with a legend that leads to the agents of each part. */
export function Shares({ title, shares }: { title: string; shares: Share[] }) {
  const parts = shares.filter((share) => share.value > 0);
  return (
    <section className="shares">
      <h3>{title}</h3>
      <div className="shares-bar" aria-hidden="true">
        {parts.map((share) => (
          <span key={share.name} className={`tone-fill ${share.tone}`} style={{ flexGrow: share.value }} />
        ))}
      </div>
      <ul>
        {shares.map((share) => (
          <li key={share.name} className={share.value === 0 ? 'none' : ''}>
            <Link to={share.to}>
              <span className={`dot ${share.tone}`} />
              {share.name} <b>{count(share.value)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
