import { recalledText } from '../completion/recall';
import type { RecallMemory } from '../completion/recall-memory';
import type { ScoredOffer } from '../completion/score-offer';
import type { ScoreRequest } from '../completion/types';
import { causeOf, type Likelihood, sumOf, withAll } from '../learning/why';
import { correctionsText } from '../protocol/round-words';
import type { RulePlace } from '../protocol/rules';
import type { Cause, WhyThis, WhyToken } from '../protocol/why';
import { type CompletionRecord, IMPORTED } from '../store/records';
import type { FeedbackStore } from '../store/store';
import type { StoredCorrection } from '../store/tables/rules';
import { AdapterFolder } from '../training/round/adapter-folder';
import type { AdapterInUse } from './completion';
import type { RuleKeeper } from './rules';

export interface WhyNeeds {
  store: FeedbackStore;
  storagePath: string;
  rules: RuleKeeper;
  recall: RecallMemory;
  /** Whether corrections ride along in prompts. */
  recalls: boolean;
  /** Hash of the model in use, and how many tokens it may write; null while none is open here. */
  modelHash: string | null;
  maxTokens: number;
  score(request: Omit<ScoreRequest, 'type'>): Promise<ScoredOffer>;
}

type Variant = keyof Likelihood;

/**
 * Compares an offer's likelihood with and without what was learned, as it is stored now: the adapter that made it, and the
 * corrections from before it that would be recalled there.
 * @param completionId null for the last one
 * @throws Error with one sentence where it cannot be said
 */
export async function whyThis(needs: WhyNeeds, completionId: string | null): Promise<WhyThis> {
  const { store, rules } = needs;
  const id = completionId ?? (await lastShown(store));
  const offer = id === undefined ? null : await store.completions.get(id);
  if (!offer) throw new Error('There is no offer whose code is still stored.');
  if (needs.modelHash === null)
    throw new Error('Only of offers that a model on this machine made can it be said why; none is open.');
  if (offer.modelHash !== needs.modelHash)
    throw new Error('Another model made this offer; choose that one to see why.');
  const adapter = await adapterOf(needs, offer.adapter);
  const before = adapter && (await besideWhich(needs, adapter));
  const own = await store.events.of(offer.id);
  const earlier = async (eventId: number) => {
    const one = await rules.correction(eventId);
    return one !== null && one.createdAt < offer.createdAt;
  };
  const all = needs.recalls ? needs.recall.near(offer, (eventId) => eventId !== own?.id) : [];
  const kept = await Promise.all(all.map(({ id: eventId }) => earlier(eventId)));
  const near = all.filter((_, i) => kept[i]);
  const { tokens, likelihoods } = await likelihoodsOf(needs, offer, recalledText(near), adapter, before);
  const sum = sumOf(likelihoods);
  const cause = causeOf(sum);
  const said = await sentenceOf(needs, offer, cause, near[0]?.id ?? null, adapter);
  return {
    completionId: offer.id,
    text: offer.text,
    cause,
    ...said,
    without: Math.exp(sum.base),
    with: Math.exp(withAll(sum)),
    tokens: likelihoods.map((one, i) => toToken(tokens[i]!, one)),
  };
}

/** The last offer that was on screen, as far as that is known. */
async function lastShown(store: FeedbackStore): Promise<string | undefined> {
  const { events } = await store.panel.list({}, 0, MOST_LOOKED_AT);
  const wasShown = ({ outcome }: (typeof events)[number]) => outcome !== null && outcome !== 'superseded';
  return (events.find(wasShown) ?? events[0])?.completionId;
}

const MOST_LOOKED_AT = 50;

async function adapterOf({ store, storagePath }: WhyNeeds, id: number | null): Promise<AdapterInUse | null> {
  if (id === null) return null;
  const folder = new AdapterFolder(storagePath);
  const record = (await store.adapters.all()).find((one) => one.id === id);
  if (!record || !folder.exists(record))
    throw new Error(`Adapter ${id}, which made this offer, is no longer there.`);
  return { ...record, path: folder.absolute(record) };
}

/** The adapter that this one, imported, was put beside; null where it was not, or that is gone. */
async function besideWhich(needs: WhyNeeds, adapter: AdapterInUse): Promise<AdapterInUse | null> {
  if (adapter.parent === null) return null;
  const made = (await needs.store.rounds.list(MOST_ROUNDS)).find(({ id }) => id === adapter.roundId);
  if (!made?.message.startsWith(IMPORTED)) return null;
  return adapterOf(needs, adapter.parent).catch(() => null);
}

const MOST_ROUNDS = 200;

async function likelihoodsOf(
  needs: WhyNeeds,
  offer: CompletionRecord,
  feedback: string | null,
  adapter: AdapterInUse | null,
  before: AdapterInUse | null,
): Promise<{ tokens: string[]; likelihoods: Likelihood[] }> {
  const { path, languageId, prefix, suffix, context, text, responseIds } = offer;
  const place = { path, languageId, prefix, suffix, context, text, responseIds, maxTokens: needs.maxTokens };
  const asked: [Variant, string | null, AdapterInUse | null][] = [['base', null, null]];
  if (adapter) asked.push(['adapter', null, adapter]);
  if (before) asked.push(['before', null, before]);
  if (feedback !== null) asked.push(['recall', feedback, null]);
  if (feedback !== null && adapter) asked.push(['both', feedback, adapter]);
  const found = new Map<Variant, ScoredOffer>();
  for (const [i, [variant, told, used]] of asked.entries()) {
    const last = i === asked.length - 1;
    found.set(variant, await needs.score({ ...place, feedback: told, adapter: used, last }));
  }
  const { tokens } = found.get('base')!;
  const of = (variant: Variant, t: number) => {
    const scored = found.get(variant);
    // A prompt that ends otherwise divides the text otherwise: nothing can be said token by token then.
    return scored && scored.logProbs.length === tokens.length ? scored.logProbs[t]! : null;
  };
  const likelihoods = tokens.map((_, t) => ({
    base: of('base', t)!,
    adapter: of('adapter', t),
    recall: of('recall', t),
    both: of('both', t),
    before: of('before', t),
  }));
  return { tokens, likelihoods };
}

function toToken(token: string, one: Likelihood): WhyToken {
  return {
    token,
    advantage: withAll(one) - one.base,
    studentLogProb: one.base,
    teacherLogProb: withAll(one),
    alternatives: [],
    cause: causeOf(one),
    adapterLogProb: one.adapter,
    recallLogProb: one.recall,
  };
}

async function sentenceOf(
  { rules }: WhyNeeds,
  offer: CompletionRecord,
  cause: Cause,
  recalled: number | null,
  adapter: AdapterInUse | null,
): Promise<Pick<WhyThis, 'sentence' | 'rule' | 'correction'>> {
  const nothing = { rule: null, correction: null };
  if (cause === 'base')
    return { ...nothing, sentence: "The base model's own: nothing that was learned here made it likelier." };
  const isEarlier = ({ createdAt }: StoredCorrection) => createdAt < offer.createdAt;
  if (cause === 'recall') {
    const one = recalled === null ? null : await rules.correction(recalled);
    const said = await rules.saidBy(offer, isEarlier);
    const where = one ? `${one.path}:${one.line + 1}` : 'an earlier place';
    const what = said ? `your rule “${nameOf(said.rule)}”` : `your correction in ${where}`;
    const sentence = `Raised by ${what}${said ? `, recalled from ${where}` : ', which was recalled here'}.`;
    return { sentence, rule: said?.rule.key ?? null, correction: one && placeOf(one) };
  }
  if (cause === 'imported')
    return { ...nothing, sentence: 'Raised by the imported adapter, more than by what was learned here.' };
  const said = await rules.saidBy(offer, (one) => isEarlier(one) && one.status === 'trained');
  const by = `adapter ${adapter!.id}`;
  if (!said)
    return {
      ...nothing,
      sentence: `Raised by ${by}; which of the corrections it learned did that cannot be told: no rule says this text.`,
    };
  const learned = correctionsText(said.corrections.length);
  return {
    sentence: `Raised by your rule “${nameOf(said.rule)}”, which ${by} learned from ${learned}.`,
    rule: said.rule.key,
    correction: null,
  };
}

const nameOf = ({ sentence, to }: { sentence: string | null; to: string }): string => sentence ?? to;

function placeOf({ completionId, uri, path, line, createdAt }: StoredCorrection): RulePlace {
  return { completionId, uri, path, line, at: createdAt };
}
