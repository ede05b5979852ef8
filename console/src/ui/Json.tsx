import { CopyButton } from './Copy';

/** JSON or text in full, in a box that scrolls by itself. */
export function Json({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null, null, 2);
  return (
    <figure className="json">
      <figcaption>
        {label}
        <CopyButton bare text={text} label={`Copy ${label.toLowerCase()}`} />
      </figcaption>
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </figure>
  );
}
