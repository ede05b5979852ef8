import type { Lifecycle, Presence, TurnState } from '../api/types';

export type Tone = 'good' | 'busy' | 'quiet' | 'bad' | 'info';

const LIFECYCLE: Record<Lifecycle, Tone> = { active: 'good', paused: 'busy', stopped: 'quiet', error: 'bad' };
const PRESENCE: Record<Presence, Tone> = { online: 'good', busy: 'busy', idle: 'info', offline: 'quiet', error: 'bad' };
const TURN: Record<TurnState, Tone> = {
  queued: 'quiet',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'quiet',
};

export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

export function LifecycleBadge({ state }: { state: Lifecycle }) {
  return <Badge tone={LIFECYCLE[state] ?? 'quiet'}>{state}</Badge>;
}

export function TurnBadge({ state }: { state: TurnState }) {
  return <Badge tone={TURN[state] ?? 'quiet'}>{state}</Badge>;
}

export function PresenceLabel({ state }: { state: Presence }) {
  return (
    <span className="presence">
      <span className={`dot ${PRESENCE[state] ?? 'quiet'}`} />
      {state}
    </span>
  );
}

export const lifecycleTone = (state: Lifecycle): Tone => LIFECYCLE[state];
export const presenceTone = (state: Presence): Tone => PRESENCE[state];
