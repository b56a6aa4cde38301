/** A list of any length of which only the rows in sight exist: a listbox with keyboard and screen-reader use. */

import { h } from './dom';

export interface VirtualListOptions<T> {
  label: string;
  rowHeight: number;
  pageSize: number;
  load(offset: number, limit: number): Promise<{ total: number; rows: T[] }>;
  /** Fills a row's element. */
  render(row: T, element: HTMLElement): void;
  onSelect(row: T): void;
  onError(message: string): void;
  keyOf(row: T): string;
}

/** Browsers refuse elements of more than some 30 million pixels; beyond this, scrolling is scaled. */
const MAXIMUM_HEIGHT = 8_000_000;

export class VirtualList<T> {
  readonly element: HTMLElement;
  private readonly spacer = h('div', { class: 'spacer', role: 'presentation' });
  private readonly rows = new Map<number, T>();
  private readonly loading = new Set<number>();
  private total = 0;
  private generation = 0;
  private selected = -1;
  private selectedKey: string | undefined;

  constructor(private readonly options: VirtualListOptions<T>) {
    this.element = h('div', {
      class: 'virtual-list',
      role: 'listbox',
      tabindex: 0,
      'aria-label': options.label,
      onscroll: () => this.draw(),
      onkeydown: (event) => this.key(event as KeyboardEvent),
    });
    this.element.append(this.spacer);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  get length(): number {
    return this.total;
  }

  /**
   * Forgets the rows and requests them again; the scroll position stays. False where the rows could not be had, and
   * where a later reload has begun meanwhile: what is here then are the rows of before.
   */
  async reload(): Promise<boolean> {
    this.generation++;
    this.loading.clear();
    const stale = new Map(this.rows);
    const first = this.firstInSight();
    const { generation } = this;
    const answered = await this.page(Math.floor(first / this.options.pageSize), stale);
    if (generation !== this.generation) return false;
    this.restoreSelection();
    this.draw();
    return answered;
  }

  /** Selects a row by number, brings it into sight and calls `onSelect`. */
  select(index: number): void {
    if (this.total === 0) return;
    this.selected = Math.max(0, Math.min(this.total - 1, index));
    const row = this.rows.get(this.selected);
    this.selectedKey = row === undefined ? undefined : this.options.keyOf(row);
    this.reveal(this.selected);
    this.draw();
    if (row !== undefined) this.options.onSelect(row);
  }

  private get scale(): number {
    return Math.max(1, (this.total * this.options.rowHeight) / MAXIMUM_HEIGHT);
  }

  private firstInSight(): number {
    return Math.floor((this.element.scrollTop * this.scale) / this.options.rowHeight);
  }

  private inSight(): number {
    return Math.ceil(this.element.clientHeight / this.options.rowHeight) + 1;
  }

  private reveal(index: number): void {
    const { rowHeight } = this.options;
    const top = index * rowHeight;
    const seenTop = this.element.scrollTop * this.scale;
    const height = this.element.clientHeight;
    if (top < seenTop) this.element.scrollTop = top / this.scale;
    else if (top + rowHeight > seenTop + height)
      this.element.scrollTop = (top + rowHeight - height) / this.scale;
  }

  private restoreSelection(): void {
    if (this.selectedKey === undefined) return;
    this.selected = -1;
    for (const [index, row] of this.rows)
      if (this.options.keyOf(row) === this.selectedKey) this.selected = index;
  }

  private async page(number: number, stale?: Map<number, T>): Promise<boolean> {
    if (this.loading.has(number)) return true;
    this.loading.add(number);
    const { generation } = this;
    const { pageSize } = this.options;
    try {
      const { total, rows } = await this.options.load(number * pageSize, pageSize);
      if (generation !== this.generation) return true;
      if (stale) for (const index of stale.keys()) this.rows.delete(index);
      this.total = total;
      for (const [index, row] of rows.entries()) this.rows.set(number * pageSize + index, row);
      return true;
    } catch (error) {
      this.options.onError(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      if (generation === this.generation) this.loading.delete(number);
    }
  }

  private draw(): void {
    const { rowHeight, pageSize, render } = this.options;
    this.spacer.style.height = `${Math.min(this.total * rowHeight, MAXIMUM_HEIGHT)}px`;
    const first = this.firstInSight();
    const last = Math.min(this.total, first + this.inSight());
    const shift = this.element.scrollTop - this.element.scrollTop * this.scale;
    const elements: HTMLElement[] = [];
    for (let index = first; index < last; index++) {
      const row = this.rows.get(index);
      const chosen = index === this.selected;
      const element = h('div', {
        class: chosen ? 'row selected' : 'row',
        role: 'option',
        id: `row-${index}`,
        'aria-selected': String(chosen),
        'aria-setsize': this.total,
        'aria-posinset': index + 1,
        onclick: () => this.select(index),
      });
      element.style.top = `${index * rowHeight + shift}px`;
      element.style.height = `${rowHeight}px`;
      if (row !== undefined) render(row, element);
      else {
        element.textContent = '…';
        this.page(Math.floor(index / pageSize)).then(() => this.draw());
      }
      elements.push(element);
    }
    this.spacer.replaceChildren(...elements);
    const active = this.selected >= first && this.selected < last ? `row-${this.selected}` : '';
    this.element.setAttribute('aria-activedescendant', active);
  }

  private key(event: KeyboardEvent): void {
    const page = Math.max(1, this.inSight() - 2);
    const moves: Record<string, number> = {
      ArrowDown: this.selected + 1,
      ArrowUp: this.selected < 0 ? 0 : this.selected - 1,
      PageDown: this.selected + page,
      PageUp: this.selected - page,
      Home: 0,
      End: this.total - 1,
    };
    const target = moves[event.key];
    if (target === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.select(target);
  }
}
