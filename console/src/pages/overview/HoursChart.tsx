import { useId } from 'react';
import type { MessageHour } from '../../api/types';
import { count, short, time } from '../../text/format';
import { topOf } from './scale';

const WIDTH = 720;
const HEIGHT = 210;
const LEFT = 40;
const BOTTOM = 26;
const TOP = 12;
const PLOT = HEIGHT - BOTTOM - TOP;

/** Received and sent messages of each hour, stacked. The same figures are there as a table for screen readers. */
export function HoursChart({ hours }: { hours: MessageHour[] }) {
  const titleId = useId();
  const top = topOf(Math.max(0, ...hours.map((hour) => hour.received + hour.sent)));
  const slot = (WIDTH - LEFT) / Math.max(1, hours.length);
  const received = hours.reduce((sum, hour) => sum + hour.received, 0);
  const sent = hours.reduce((sum, hour) => sum + hour.sent, 0);
  return (
    <div className="hours">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={titleId}>
        <title id={titleId}>
          {`Messages per hour over the last day: ${count(received)} received, ${count(sent)} sent`}
        </title>
        {[0, top / 2, top].map((value) => (
          <Line key={value} y={TOP + PLOT - (value / top) * PLOT} label={short(value)} />
        ))}
        {hours.map((hour, index) => (
          <Bar
            key={hour.hour}
            hour={hour}
            x={LEFT + index * slot}
            slot={slot}
            unit={PLOT / top}
            labelled={index % 6 === 0}
          />
        ))}
      </svg>
      <p className="hours-legend">
        <span className="swatch received" /> received {count(received)}
        <span className="swatch sent" /> sent {count(sent)}
      </p>
      <HoursTable hours={hours} />
    </div>
  );
}

function Line({ y, label }: { y: number; label: string }) {
  return (
    <g aria-hidden="true">
      <line x1={LEFT} x2={WIDTH} y1={y} y2={y} className="hours-line" />
      <text x={LEFT - 8} y={y + 3.5} textAnchor="end">
        {label}
      </text>
    </g>
  );
}

interface BarProps {
  hour: MessageHour;
  x: number;
  slot: number;
  unit: number;
  labelled: boolean;
}

function Bar({ hour, x, slot, unit, labelled }: BarProps) {
  const width = Math.min(18, slot * 0.64);
  const left = x + (slot - width) / 2;
  const sent = hour.sent * unit;
  const received = hour.received * unit;
  const floor = TOP + PLOT;
  return (
    <g className="hours-bar">
      <title>{`${time(hour.hour)}: ${count(hour.received)} received, ${count(hour.sent)} sent`}</title>
      <rect x={x} y={TOP} width={slot} height={PLOT} className="hours-hover" />
      <rect
        x={left}
        y={floor - received}
        width={width}
        height={received}
        rx={Math.min(2, received / 2)}
        className="received"
      />
      <rect
        x={left}
        y={floor - received - sent}
        width={width}
        height={Math.max(0, sent - 1)}
        rx={Math.min(2, sent / 2)}
        className="sent"
      />
      {labelled && (
        <text x={left} y={HEIGHT - 7}>
          {time(hour.hour)}
        </text>
      )}
    </g>
  );
}

function HoursTable({ hours }: { hours: MessageHour[] }) {
  return (
    <div className="visually-hidden">
      <table>
        <caption>Messages per hour</caption>
        <thead>
          <tr>
            <th scope="col">Hour</th>
            <th scope="col">Received</th>
            <th scope="col">Sent</th>
          </tr>
        </thead>
        <tbody>
          {hours.map((hour) => (
            <tr key={hour.hour}>
              <th scope="row">{time(hour.hour)}</th>
              <td>{hour.received}</td>
              <td>{hour.sent}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
