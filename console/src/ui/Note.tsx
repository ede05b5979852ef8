import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';

/** Says what went wrong, what to do about it, and what to quote when asking for help. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className="note bad" role="alert">
      <Icon name="warn" />
      <div>
        <p>{messageOf(error)}</p>
        {error instanceof ApiError && error.requestId && <p className="note-small">Request {error.requestId}</p>}
      </div>
      {onRetry && (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 429) return tooMany(error);
  if (error instanceof ApiError && error.status === 403) return `${sentence(error.message)} Ask an admin for access.`;
  if (error instanceof Error) return sentence(error.message);
  return 'Something went wrong. Try again.';
}

function tooMany(error: ApiError): string {
  const wait = error.retryAfter ? `in ${error.retryAfter} s` : 'in a moment';
  return `${sentence(error.message)} Try again ${wait}.`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const upper = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It is all that there is on the page. */
  whole?: boolean;
}

/** Nothing here yet: why, and what to do next. */
export function Empty({ icon, title, children, action, whole }: EmptyProps) {
  const Title = whole ? 'h1' : 'h2';
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      <Title>{title}</Title>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** `boxed` stands where a table or a list of rows will be. */
export function Loading({ rows = 4, boxed }: { rows?: number; boxed?: boolean }) {
  return (
    <div className={`skeletons ${boxed ? 'boxed' : ''}`} role="status">
      <span className="visually-hidden">Loading…</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className="skeleton" />
      ))}
    </div>
  );
}
