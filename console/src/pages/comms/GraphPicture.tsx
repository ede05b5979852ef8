import { useId, useState } from 'react';
import { Link } from 'react-router';
import { plural } from '../../text/format';
import { threadOf } from './TalkerLink';
import { HEIGHT, WIDTH, type Dot, type Line, type Picture } from './graph';

/** A dot for each agent, a line for each direction of talk. Pointing at an agent brings out its lines. */
export function GraphPicture({ picture, agents }: { picture: Picture; agents: ReadonlySet<string> }) {
  const arrow = useId();
  const [at, setAt] = useState('');
  return (
    <svg className={`graph ${at ? 'pointed' : ''}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label="Graph">
      <defs>
        <marker
          id={arrow}
          viewBox="0 0 6 6"
          refX="2"
          refY="3"
          markerWidth="13"
          markerHeight="13"
          orient="auto"
          markerUnits="userSpaceOnUse"
        >
          <path d="M0 0L6 3L0 6Z" />
        </marker>
      </defs>
      <g aria-hidden="true">
        {picture.lines.map((line) => (
          <LinePath
            key={`${line.from} ${line.to}`}
            line={line}
            arrow={arrow}
            isOn={line.from === at || line.to === at}
          />
        ))}
      </g>
      {picture.dots.map((dot) => (
        <DotLink key={dot.name} dot={dot} isAgent={agents.has(dot.name)} onPoint={setAt} />
      ))}
    </svg>
  );
}

function LinePath({ line, arrow, isOn }: { line: Line; arrow: string; isOn: boolean }) {
  return (
    <path
      className={`graph-line ${isOn ? 'on' : ''}`}
      d={line.path}
      strokeWidth={line.width}
      markerEnd={`url(#${arrow})`}
    >
      <title>{`${line.from} to ${line.to}: ${plural(line.messages, 'message')}`}</title>
    </path>
  );
}

interface DotProps {
  dot: Dot;
  /** People have no thread of their own to go to. */
  isAgent: boolean;
  onPoint: (name: string) => void;
}

function DotLink({ dot, isAgent, onPoint }: DotProps) {
  const { name, x, y, r, label, messages } = dot;
  const shared = {
    className: `graph-dot ${isAgent ? '' : 'person'}`,
    'aria-label': `${name}: ${plural(messages, 'message')}`,
    onMouseEnter: () => onPoint(name),
    onMouseLeave: () => onPoint(''),
    onFocus: () => onPoint(name),
    onBlur: () => onPoint(''),
  };
  const drawn = (
    <>
      <circle cx={x} cy={y} r={r} />
      <text x={label.x} y={label.y} textAnchor={label.anchor}>
        {name.length > 18 ? `${name.slice(0, 17)}…` : name}
      </text>
    </>
  );
  if (!isAgent) {
    return (
      <g role="img" tabIndex={0} {...shared}>
        {drawn}
      </g>
    );
  }
  return (
    <Link to={threadOf(name)} {...shared}>
      {drawn}
    </Link>
  );
}
