import { memo, type AnchorHTMLAttributes, type ImgHTMLAttributes } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';

/** What an agent writes is foreign text: raw HTML stays text, and nothing in it is ever loaded. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className="prose">
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
});

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  a: ({ href, children }: AnchorHTMLAttributes<HTMLAnchorElement>) => <OutLink href={href}>{children}</OutLink>,
  img: ({ src, alt }: ImgHTMLAttributes<HTMLImageElement>) => (
    <OutLink href={typeof src === 'string' ? src : undefined}>{alt || 'image'}</OutLink>
  ),
  table: ({ children }) => (
    <div className="prose-table" tabIndex={0} role="region" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

function OutLink({ href, children }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}
