/**
 * What each part of the context gains: how much likelier the text that stood at a place becomes once the prompt shows it.
 *
 *     node --require tsx/cjs test/bench/completions/context-gain.ts --model MODEL --out FILE [--every 2] [--seconds 200]
 *         [--set cursortab --data CHECKOUT]
 *
 * One JSON a line and place; places that are there already are not run again, and the figures are of all that is there.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readPlaces, type SetName } from '../../../server/bench/completions/places';
import { codePlace } from '../../../server/completion/code-place';
import { leadLength } from '../../../server/learning/healing';
import { buildPrompt, encodePlain, promptBudget } from '../../../server/learning/prompt';
import { openModel } from '../../../server/model/open';
import { ContextGatherer } from '../../../server/prompt-context/gather';
import { GivenFiles } from '../../../server/prompt-context/given-files';
import type { ContextKind } from '../../../server/prompt-context/types';
import { ROOT } from '../../root';

const VARIANTS: Record<string, ContextKind[]> = {
  none: [],
  definition: ['definition'],
  similar: ['similar'],
  edit: ['edit'],
  all: ['similar', 'definition', 'edit', 'problem'],
};
const CONTEXT_TOKENS = 512;

interface Row {
  id: string;
  group: string;
  /** Tokens of what stood there, at the first line. */
  tokens: number;
  /** Sum of log-probs in nats, by variant. */
  sums: Record<string, number>;
  context: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'media/model' },
      set: { type: 'string', default: 'own' },
      data: { type: 'string', default: ROOT },
      out: { type: 'string' },
      every: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '200' },
    },
  });
  const until = performance.now() + Number(values.seconds) * 1000;
  const rows: Row[] =
    values.out && existsSync(values.out)
      ? readFileSync(values.out, 'utf8')
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
  const places = readPlaces(values.set as SetName, values.data)
    .filter(({ wanted }) => wanted !== null)
    .filter(({ id }, i) => i % Number(values.every) === 0 && !rows.some((row) => row.id === id));
  const model = await openModel(values.model, { precision: 'auto' });
  const { tokenizer, format } = model;
  const decoder = await model.decoder();
  const gatherer = new ContextGatherer();
  for (const place of places) {
    if (performance.now() > until) break;
    const { path, languageId } = place;
    const { prefix, suffix } = codePlace(place.prefix + place.suffix, place.prefix.length);
    const code = { path, languageId, prefix, suffix };
    const sources = { files: new GivenFiles(place.files), edits: place.edits, problems: [], line: 1 };
    const budget = { ...promptBudget(model.contextLength, 64, 448), context: CONTEXT_TOKENS };
    const row: Row = { id: place.id, group: place.group, tokens: 0, sums: {}, context: 0 };
    for (const [name, kinds] of Object.entries(VARIANTS)) {
      const context = await gatherer.gather({ ...code, text: place.prefix + place.suffix }, sources, kinds);
      if (name !== 'none' && context.length === 0) {
        row.sums[name] = row.sums.none!;
        continue;
      }
      const {
        ids: prompt,
        given,
        contextTokens,
      } = buildPrompt({ ...code, format, tokenizer, context, budget });
      const response = encodePlain(tokenizer, given + place.wanted!.replace(/^\n/, '').split('\n')[0]!);
      const lead = leadLength(tokenizer, given, response);
      const responses = [{ ids: response, from: lead }];
      const [logProbs] = (await decoder.likelihoods({ prompt, cacheKey: 'gain', responses }))!;
      row.sums[name] = logProbs!.reduce((sum, one) => sum + one, 0);
      row.tokens = response.length - lead;
      row.context = Math.max(row.context, contextTokens);
    }
    rows.push(row);
    if (values.out) appendFileSync(values.out, `${JSON.stringify(row)}\n`);
  }
  await model.close();
  for (const [name, one] of [
    ['names of other files', rows.filter(({ group }) => group.includes('another file'))],
    ['others', rows.filter(({ group }) => !group.includes('another file'))],
  ] as const) {
    const tokens = one.reduce((sum, row) => sum + row.tokens, 0);
    const figure = (variant: string) => {
      const sum = one.reduce((total, row) => total + row.sums[variant]!, 0);
      const better = one.filter(({ sums }) => sums[variant]! > sums.none! + 0.1).length;
      const worse = one.filter(({ sums }) => sums[variant]! < sums.none! - 0.1).length;
      return `${variant} ${(sum / tokens).toFixed(3)} (better ${better}, worse ${worse})`;
    };
    if (one.length === 0) continue;
    process.stdout.write(`${name}, ${one.length} places, ${tokens} tokens, nats a token: `);
    process.stdout.write(`${Object.keys(VARIANTS).map(figure).join('; ')}\n`);
  }
}

void main();
