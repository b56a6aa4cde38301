/** Building elements without a framework, and without a string of HTML: no text can become markup. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element. `on…` attributes are listeners; true is an empty attribute; null, undefined and false are none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => !!child || child === ''));
  return element;
}

/** Waits until calls have stopped for a while. */
export function debounce(milliseconds: number, body: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(body, milliseconds);
  };
}

/** A message in place of content: what is so, and what to do about it. */
export function notice(title: string, ...children: Child[]): HTMLElement {
  return h('div', { class: 'notice', role: 'note' }, h('h2', {}, title), ...children);
}
