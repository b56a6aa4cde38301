/**
 * How often the first line of a completion is the one that stood there, on HumanEval's single-line infilling
 * (github.com/openai/human-eval-infilling). Makes the cases for `hindsight complete`, and reads its answers:
 *
 *     B="node --require tsx/cjs test/server/completion/bench-first-lines.ts"
 *     $B cases HumanEval-SingleLineInfilling.jsonl 8 > cases.jsonl     # every 8th of 1,033: 130 places
 *     hindsight complete --model MODEL --cases cases.jsonl --out answers.jsonl
 *     $B answers HumanEval-SingleLineInfilling.jsonl answers.jsonl
 *     $B score HumanEval-SingleLineInfilling.jsonl MODEL 50      # log-probs of the right lines, healed and not
 *
 * Each place is asked for at its line's start and behind the line's indentation.
 */
import { readFileSync } from 'node:fs';
import { leadLength } from '../../../server/learning/healing';
import { buildPrompt, encodePlain, encodeTail, promptBudget } from '../../../server/learning/prompt';
import { openModel } from '../../../server/model/open';

interface Row {
  task_id: string;
  prompt: string;
  suffix: string;
  canonical_solution: string;
}

const read = <T>(file: string): T[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

const places = ['start', 'indentation'] as const;

function cases(data: string, every: number): void {
  for (const { task_id, prompt, suffix, canonical_solution } of read<Row>(data).filter(
    (_, i) => i % every === 0,
  )) {
    for (const place of places) {
      const indentation = place === 'start' ? '' : /^\s*/.exec(canonical_solution)![0];
      const prefix = prompt + indentation;
      // The line that stood there goes with its line break; the empty line at the cursor keeps one.
      const below = canonical_solution.endsWith('\n') ? `\n${suffix}` : suffix;
      const one = {
        id: `${place} ${task_id}`,
        path: 'solution.py',
        languageId: 'python',
        prefix,
        suffix: below,
      };
      process.stdout.write(`${JSON.stringify(one)}\n`);
    }
  }
}

const firstLine = (text: string) => text.trim().split('\n')[0]!.trimEnd();

function answers(data: string, file: string): void {
  const rows = new Map(read<Row>(data).map((row) => [row.task_id, row]));
  const all = read<{ id: string; text: string | null; raw: string; ms: number }>(file);
  for (const place of places) {
    const these = all.filter(({ id }) => id.startsWith(`${place} `));
    const lineOf = (id: string) => firstLine(rows.get(id.slice(place.length + 1))!.canonical_solution);
    const share = (holds: (one: (typeof all)[number]) => boolean) =>
      `${((100 * these.filter(holds).length) / these.length).toFixed(1)} %`;
    process.stdout.write(
      `${place}: ${these.length} places, first line right ${share(({ id, text }) => text !== null && firstLine(text) === lineOf(id))}` +
        ` (of what the model wrote ${share(({ id, raw }) => firstLine(raw) === lineOf(id))}),` +
        ` silent ${share(({ text }) => text === null)},` +
        ` ${(these.reduce((sum, { ms }) => sum + ms, 0) / these.length).toFixed(0)} ms a place\n`,
    );
  }
}

/** Mean log-prob of a character of the right line behind its indentation, cut at the cursor and cut where a token begins. */
async function score(data: string, folder: string, every: number): Promise<void> {
  const model = await openModel(folder);
  const { tokenizer, format } = model;
  const scorer = await model.scorer();
  const budget = promptBudget(model.contextLength, 48, 448);
  const sums = { plain: 0, healed: 0, characters: 0, tokens: 0 };
  for (const { prompt, suffix, canonical_solution } of read<Row>(data).filter((_, i) => i % every === 0)) {
    const line = canonical_solution.trim();
    const prefix = prompt + /^\s*/.exec(canonical_solution)![0];
    const sum = async (before: number[], ids: number[], lead: number) => {
      const { logProbs } = await scorer.score(before, ids, null, 0);
      return logProbs.subarray(lead).reduce((a, b) => a + b, 0);
    };
    const ids = encodePlain(tokenizer, line);
    sums.plain += await sum(encodeTail(tokenizer, prefix, budget.prompt), ids, 0);
    const { ids: before, given } = buildPrompt({ format, tokenizer, path: 'a.py', prefix, suffix, budget });
    const healed = encodePlain(tokenizer, given + line);
    sums.healed += await sum(before, healed, leadLength(tokenizer, given, healed));
    sums.characters += line.length;
    sums.tokens += ids.length;
  }
  const each = (sum: number) =>
    `${(sum / sums.tokens).toFixed(2)} a token, ${(sum / sums.characters).toFixed(3)} a character`;
  process.stdout.write(
    `cut at the cursor: ${each(sums.plain)}; where a token begins: ${each(sums.healed)} (nats)\n`,
  );
  await model.close();
}

const [command, data, third, fourth] = process.argv.slice(2);
if (command === 'cases' && data) cases(data, Number(third ?? 8));
else if (command === 'answers' && data && third) answers(data, third);
else if (command === 'score' && data && third) void score(data, third, Number(fourth ?? 50));
else {
  process.stderr.write('Give cases DATA [every], answers DATA ANSWERS, or score DATA MODEL [every].\n');
  process.exitCode = 2;
}
