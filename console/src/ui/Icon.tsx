// The few line icons of the console, drawn on a 16 x 16 grid.

const PATHS = {
  overview: 'M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5H7v3H2.5z',
  agents: 'M8 8.2a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM2.8 13.5c.5-2.4 2.6-3.7 5.2-3.7s4.7 1.3 5.2 3.7',
  events: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  keys: 'M9.8 9.3a3.4 3.4 0 1 0-3.2-2.3L2.5 11v2.5H5V12h1.5v-1.5H8zM10.8 5.3h.01',
  users:
    'M6 7.7a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM1.8 13c.4-2.2 2-3.3 4.2-3.3s3.8 1.1 4.2 3.3M10.7 3.4a2.2 2.2 0 0 1 0 4.1M12.2 10c1.1.5 1.8 1.5 2 3',
  org: 'M2.5 13.5v-11h6v11M8.5 6.5h5v7M1.5 13.5h13M5 5.5h1M5 8h1M5 10.5h1M11 9h.5M11 11.3h.5',
  tasks: 'M2.5 2.5h3v11h-3zM6.5 2.5h3v7h-3zM10.5 2.5h3v4.5h-3z',
  comms: 'M2 3h9v6H6L3.5 11.5V9H2zM12.5 6H14v6h-1.5v2.5L10 12H7.5v-1.5',
  gateway: 'M2.5 5.5h9M9 3l2.5 2.5L9 8M13.5 10.5h-9M7 8l-2.5 2.5L7 13',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.5l3.3 3.3L13 4.8',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  back: 'M10 3.5L5.5 8l4.5 4.5',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.2v9.6L12.5 8z',
  stop: 'M4 4h8v8H4z',
  send: 'M8 13V3.5M4 7.3L8 3.3l4 4',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z',
  screen: 'M2 3h12v8H2zM6 13.5h4',
  tool: 'M9.8 6.2l3.5-3.5M10.3 2.3a3.4 3.4 0 0 0-3.9 4.5L2.3 11a1.9 1.9 0 0 0 2.7 2.7l4.2-4.1a3.4 3.4 0 0 0 4.5-3.9',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.3 4.5l.6 9h6.2l.6-9',
  exit: 'M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6',
  warn: 'M8 2.2l6.3 11.3H1.7zM8 6.5v3.3M8 11.7h.01',
  inspect: 'M2.5 4h7M2.5 8h4.5M2.5 12h4M11 12.8a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM12.7 12.2l1.5 1.5',
  lock: 'M4 7.5h8v6H4zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2M8 10v1.2',
  network:
    'M8 5.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM3.4 14.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM12.6 14.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM7.2 5l-3 5.9M8.8 5l3 5.9M5.1 12.5h5.8',
  data: 'M2.8 4c0-1 2.3-1.7 5.2-1.7s5.2.7 5.2 1.7-2.3 1.7-5.2 1.7S2.8 5 2.8 4zM2.8 4v8c0 1 2.3 1.7 5.2 1.7s5.2-.7 5.2-1.7V4M2.8 8c0 1 2.3 1.7 5.2 1.7s5.2-.7 5.2-1.7',
  memory: 'M3.5 2.5h9v11h-9zM6 2.5v11M8.3 5.5h2M8.3 8h2',
  token: 'M2 5.5h12v2a1.3 1.3 0 0 0 0 2.5v1.5H2V10a1.3 1.3 0 0 0 0-2.5zM9.5 5.5v6',
  bolt: 'M9 1.8L3.5 9H8l-1 5.2L12.5 7H8z',
  load: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.5 13.5h11',
  edit: 'M3 13l.7-3L10.6 3l2.4 2.4L6 12.3z',
  refresh: 'M13 5.5A5.5 5.5 0 1 0 13.5 8M13.2 2.5v3h-3',
  down: 'M8 3v9.5M4 8.7l4 4 4-4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <circle cx="9" cy="22" r="2.6" />
      <circle cx="9" cy="12" r="2.6" />
      <circle cx="16" cy="17" r="2.6" />
      <circle cx="23" cy="12" r="2.6" />
      <circle cx="23" cy="22" r="2.6" />
    </svg>
  );
}
