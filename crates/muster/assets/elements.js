// Elements of the page. Everything is text; nothing of the document is ever taken for markup.

/** Makes an element: `el('a', {class: 'x', href: '#'}, 'text', child, ...)`. Empty children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

/** A text in which `code` in backticks is set as code. */
export function prose(text) {
  return String(text ?? '')
    .split('`')
    .map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part));
}

export function example(text, label) {
  return el(
    'div',
    { class: 'example' },
    el('pre', { tabindex: '0', 'aria-label': label }, el('code', {}, text)),
    copyButton(text),
  );
}

export function copyButton(text, title = 'Copy') {
  const button = el('button', { type: 'button' }, title);
  button.addEventListener('click', async () => {
    const isCopied = await copy(text);
    button.textContent = isCopied ? 'Copied' : 'Press Ctrl-C';
    setTimeout(() => (button.textContent = title), 1500);
  });
  return button;
}

/** The clipboard is there on https and on this machine only; elsewhere a selected field does. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el('textarea', { class: 'skip', readonly: true, 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}
