import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Link } from '../../api/types';
import { bytes, plural } from '../../text/format';
import { presenceTone } from '../../ui/Badge';
import { useNarrow } from '../../ui/useNarrow';
import { draw, NARROW, neighbour, traffic, WIDE, type Dot, type Size } from './map';
import { usePulses } from './usePulses';

interface MapProps {
  links: Link[];
  chosen: string;
  onChoose: (agentId: string) => void;
}

/** The server in the middle, a dot for each agent that is connected. One stop of the Tab key; arrow keys go around. */
export function LinkMap({ links, chosen, onChoose }: MapProps) {
  const isNarrow = useNarrow();
  const picture = useMemo(() => draw(links, isNarrow ? NARROW : WIDE), [links, isNarrow]);
  const { size } = picture;
  const pulses = usePulses(links);
  const [at, setAt] = useState('');
  const svg = useRef<SVGSVGElement>(null);
  const current = picture.dots.find(({ link }) => link.agentId === at) ?? picture.dots[0];

  const onKeyDown = (event: KeyboardEvent) => {
    const next = current && neighbour(picture.dots, current, event.key);
    if (!next) return;
    event.preventDefault();
    setAt(next.link.agentId);
    svg.current?.querySelector<SVGElement>(`[data-agent="${CSS.escape(next.link.agentId)}"]`)?.focus();
  };

  return (
    <svg
      ref={svg}
      className="map"
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="group"
      aria-label={`Map of ${plural(links.length, 'connected agent')}`}
      onKeyDown={onKeyDown}
    >
      {picture.hasLines && picture.dots.map((dot) => <Line key={dot.link.agentId} dot={dot} size={size} />)}
      <Hub size={size} />
      {picture.dots.map((dot) => (
        <AgentDot
          key={dot.link.agentId}
          dot={dot}
          pulse={pulses.get(dot.link.agentId) ?? 0}
          isChosen={dot.link.agentId === chosen}
          isTabStop={dot === current}
          onFocus={() => setAt(dot.link.agentId)}
          onChoose={() => onChoose(dot.link.agentId)}
        />
      ))}
    </svg>
  );
}

function Hub({ size }: { size: Size }) {
  const [x, y] = [size.width / 2, size.height / 2];
  return (
    <g className="map-hub" aria-hidden="true">
      <rect x={x - 23} y={y - 23} width="46" height="46" rx="12" />
      {[
        [-10, 7],
        [-10, -7],
        [0, 0],
        [10, -7],
        [10, 7],
      ].map(([dx = 0, dy = 0]) => (
        <circle key={`${dx} ${dy}`} cx={x + dx} cy={y + dy} r="3.6" />
      ))}
    </g>
  );
}

function Line({ dot, size }: { dot: Dot; size: Size }) {
  return (
    <line className="map-line" x1={size.width / 2} y1={size.height / 2} x2={dot.x} y2={dot.y} aria-hidden="true" />
  );
}

interface DotProps {
  dot: Dot;
  /** Counts what the agent did; each count is shown once. */
  pulse: number;
  isChosen: boolean;
  isTabStop: boolean;
  onFocus: () => void;
  onChoose: () => void;
}

function AgentDot({ dot, pulse, isChosen, isTabStop, onFocus, onChoose }: DotProps) {
  const { link, x, y, r, label } = dot;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onChoose();
  };
  return (
    <g
      className={`map-dot ${presenceTone(link.presence)} ${isChosen ? 'chosen' : ''}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={isTabStop ? 0 : -1}
      data-agent={link.agentId}
      aria-label={`${link.name}, ${link.presence}`}
      aria-pressed={isChosen}
      onFocus={onFocus}
      onClick={onChoose}
      onKeyDown={onKeyDown}
    >
      <title>{`${link.name} · ${link.presence} · ${bytes(traffic(link))}`}</title>
      {pulse > 0 && <circle key={pulse} className="map-pulse" r={r} />}
      <circle className="map-body" r={r} />
      {label && (
        <text x={label.dx} y={label.dy} textAnchor={label.anchor}>
          {label.text}
        </text>
      )}
    </g>
  );
}
