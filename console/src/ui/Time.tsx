import { useEffect, useState } from 'react';
import { ago, moment } from '../text/format';
import { Badge } from './Badge';

/** How long ago, kept up to date; the exact moment on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span className="muted">never</span>;
  return (
    <time dateTime={at} title={moment(at)}>
      {ago(at)}
    </time>
  );
}

/** When an agent that runs elsewhere last gave a sign of life. */
export function LastSeen({ at }: { at: string | null | undefined }) {
  if (!at) return 'never seen';
  return (
    <>
      seen <Ago at={at} />
    </>
  );
}

/** When a credential ends, or that it has. */
export function Expiry({ at }: { at: string | null | undefined }) {
  if (!at) return <span className="muted">never</span>;
  return Date.parse(at) < Date.now() ? <Badge tone="bad">expired</Badge> : <Ago at={at} />;
}
