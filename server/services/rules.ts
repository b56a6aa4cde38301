import { setImmediate } from 'node:timers/promises';
import { type Rule, RuleBook } from '../learning/rules/rule-book';
import type { RuleChange, RuleView } from '../protocol/rules';
import type { FeedbackStore } from '../store/store';
import type { RuleDecision, StoredCorrection } from '../store/tables/rules';

/** Corrections that rules are found among, the newest; and how many are read at once. */
const MOST = 4_000;
const PAGE = 200;
/** Corrections taken in between two turns of the event loop: some milliseconds. */
const SLICE = 10;
/** Places of a rule that are listed. */
const MOST_PLACES = 50;
/** Why a correction of a rule that is off is left out. It is what tells those from what was rolled back. */
export const RULE_OFF = 'Its rule is switched off; it is learned again when you switch the rule on.';

/** A rule with what the developer decided about it. */
interface Decided {
  rule: Rule;
  decision: RuleDecision | null;
  /** All earlier decisions about it, under whatever form. */
  earlier: RuleDecision[];
}

/** Rules among the stored corrections, kept in step with the store, and what the developer decides about them. */
export class RuleKeeper {
  private readonly book = new RuleBook();
  private readonly corrections = new Map<number, StoredCorrection>();
  private readonly ids = new Map<string, number>();
  private decisions: RuleDecision[] = [];
  private loading: Promise<void> | null = null;

  /**
   * @param onChanged completions whose event a rule took out of learning, or gave back
   * @param onUnlearn an adapter had learned some of those that were taken out
   */
  constructor(
    private readonly store: FeedbackStore,
    private readonly onChanged: (completionIds: string[]) => void = () => {},
    private readonly onUnlearn: () => Promise<void> = async () => {},
  ) {}

  /** Reads all anew, and leaves out what belongs to a rule that is off. Never holds the event loop up. */
  load(): Promise<void> {
    this.loading = this.read();
    return this.loading;
  }

  private loaded(): Promise<void> {
    return this.loading ?? this.load();
  }

  private async read(): Promise<void> {
    this.book.clear();
    this.corrections.clear();
    this.ids.clear();
    this.decisions = await this.store.rules.decisions();
    for (let before: number | null = null; this.corrections.size < MOST; ) {
      const page: StoredCorrection[] = await this.store.rules.corrections(before, PAGE);
      for (const [i, one] of page.entries()) {
        if (i % SLICE === SLICE - 1) await setImmediate();
        this.put(one);
      }
      // Found as they come: at once it would be much in one go.
      this.book.rules();
      if (page.length < PAGE) break;
      before = page.at(-1)!.id;
    }
    await this.enforce();
  }

  /** These completions changed. */
  async refresh(completionIds: readonly string[]): Promise<void> {
    await this.loaded();
    let changed = false;
    for (const completionId of completionIds) {
      const one = await this.store.rules.correctionOf(completionId);
      const known = this.ids.get(completionId);
      if (one) this.put(one);
      else if (known !== undefined) this.drop(known, completionId);
      changed ||= one !== null || known !== undefined;
    }
    if (changed && this.decisions.some(({ state }) => state !== 'on')) await this.enforce();
  }

  /** All rules, those with the most places first; deleted ones last. */
  async list(): Promise<RuleView[]> {
    await this.loaded();
    const views = this.decided().map((one) => this.view(one));
    const last = ({ state }: RuleView) => (state === 'deleted' ? 1 : 0);
    return views.sort((a, b) => last(a) - last(b));
  }

  /**
   * Stores what the developer decides about a rule, and makes it so.
   * @throws Error with one sentence where the rule is gone
   */
  async change(key: string, change: RuleChange): Promise<RuleView[]> {
    await this.loaded();
    const found = this.decided().find(({ rule }) => rule.key === key);
    if (!found) throw new Error('This rule is gone: its corrections have changed. Look at the list again.');
    const { rule, decision, earlier } = found;
    if (!isChange(change)) throw new Error('A rule is on, off or deleted, for this project or everywhere.');
    const sentence =
      change.sentence === undefined ? (decision?.sentence ?? null) : change.sentence.trim() || null;
    await this.store.rules.decide(
      {
        key,
        state: change.state ?? decision?.state ?? 'on',
        scope: change.scope ?? decision?.scope ?? 'project',
        sentence: sentence?.slice(0, MOST_SENTENCE) ?? null,
        places: rule.places,
      },
      earlier.map((one) => one.key),
    );
    this.decisions = await this.store.rules.decisions();
    await this.enforce();
    return this.list();
  }

  /** The rule that an offered text says, with its corrections; null where none does, or it is off. */
  async saidBy(
    offer: { languageId: string; prefix: string; text: string },
    counts: (one: StoredCorrection) => boolean,
  ): Promise<{ rule: Rule; corrections: StoredCorrection[] } | null> {
    await this.loaded();
    const corrections = ({ places }: Rule) => places.map((id) => this.corrections.get(id)!);
    const rules = this.book.rules().filter((rule) => corrections(rule).some(counts));
    const rule = this.book.saidBy(rules, { ...offer, prefix: offer.prefix.slice(-2_000) });
    return rule && { rule, corrections: corrections(rule).filter(counts) };
  }

  /** Completions that are a rule's places; null where there is no such rule. */
  async completionsOf(key: string): Promise<Set<string> | null> {
    await this.loaded();
    const rule = this.book.rules().find((one) => one.key === key);
    return rule ? new Set(rule.places.map((id) => this.corrections.get(id)!.completionId)) : null;
  }

  /** A correction by its event's id; null where it is none, or an old one. */
  async correction(id: number): Promise<StoredCorrection | null> {
    await this.loaded();
    return this.corrections.get(id) ?? null;
  }

  private put(one: StoredCorrection): void {
    this.corrections.set(one.id, one);
    this.ids.set(one.completionId, one.id);
    this.book.add(one);
    if (this.corrections.size <= MOST) return;
    const oldest = Math.min(...this.corrections.keys());
    this.drop(oldest, this.corrections.get(oldest)!.completionId);
  }

  private drop(id: number, completionId: string): void {
    this.book.remove(id);
    this.corrections.delete(id);
    this.ids.delete(completionId);
  }

  /** Each rule with the last decision about it: under its form, or one that most of its places then have in it now. */
  private decided(): Decided[] {
    return this.book.rules().map((rule) => {
      const places = new Set(rule.places);
      const earlier = this.decisions.filter(
        (one) =>
          one.key === rule.key || 2 * one.places.filter((id) => places.has(id)).length > one.places.length,
      );
      return { rule, earlier, decision: earlier.at(-1) ?? null };
    });
  }

  /** Corrections of rules that are off are left out; those of rules that are on again count again. */
  private async enforce(): Promise<void> {
    const changed: string[] = [];
    let learned = false;
    for (const { rule, decision } of this.decided()) {
      const isOff = decision !== null && decision.state !== 'on';
      for (const id of rule.places) {
        const { completionId, status, reason } = this.corrections.get(id)!;
        const isOut = status === 'rolled-back';
        if (isOff ? isOut : !(isOut && reason === RULE_OFF)) continue;
        const event = await this.store.events.of(completionId);
        if (!event) continue;
        const done = isOff
          ? await this.store.events.settle(event, 'rolled-back', RULE_OFF)
          : await this.store.events.settle(event, 'ready', null);
        if (!done) continue;
        learned ||= isOff && event.status === 'trained';
        const now = await this.store.rules.correctionOf(completionId);
        if (now) this.corrections.set(id, now);
        changed.push(completionId);
      }
    }
    if (changed.length > 0) this.onChanged(changed);
    if (learned) await this.onUnlearn();
  }

  private view({ rule, decision }: Decided): RuleView {
    const corrections = rule.places.map((id) => this.corrections.get(id)!).reverse();
    return {
      key: rule.key,
      language: corrections[0]!.languageId,
      from: rule.from,
      to: rule.to,
      sentence: decision?.sentence ?? rule.sentence,
      state: decision?.state ?? 'on',
      scope: decision?.scope ?? 'project',
      count: corrections.length,
      places: corrections.slice(0, MOST_PLACES).map(({ completionId, uri, path, line, createdAt }) => ({
        completionId,
        uri,
        path,
        line,
        at: createdAt,
      })),
    };
  }
}

const MOST_SENTENCE = 500;
const STATES: readonly unknown[] = ['on', 'off', 'deleted', undefined];
const SCOPES: readonly unknown[] = ['project', 'everywhere', undefined];

/** The message comes from another process. */
function isChange({ state, scope, sentence }: RuleChange): boolean {
  return (
    STATES.includes(state) && SCOPES.includes(scope) && ['string', 'undefined'].includes(typeof sentence)
  );
}
