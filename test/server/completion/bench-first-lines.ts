/**
 * How often the first line of a completion is the one that stood there, on HumanEval's single-line infilling:
 * `node --require tsx/cjs test/server/completion/bench-first-lines.ts MODEL HumanEval-SingleLineInfilling.jsonl [every] [plain]`
 * takes every so many of its 1,033 places (8: 130 places), at the line's start and behind its indentation. `plain` leaves
 * the prompt as the code before the cursor, without token healing. The data: github.com/openai/human-eval-infilling.
 */
import { readFileSync } from 'node:fs';
import { applyFilters } from '../../../server/completion/filters';
import { generateCompletion } from '../../../server/completion/generate';
import { codeWindow } from '../../../server/completion/window';
import { buildPrompt, encodeTail, type Prompt, promptBudget } from '../../../server/learning/prompt';
import { openModel } from '../../../server/model/open';

interface Row {
  prompt: string;
  suffix: string;
  canonical_solution: string;
}

/** As the completion worker has it. */
const promptTokens = 448;
const newTokens = 48;

async function main([folder, data, every = '8', mode]: string[]): Promise<void> {
  if (!folder || !data) throw new Error('Give a model and the file with the places.');
  const rows = readFileSync(data, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
    .filter((_, i) => i % Number(every) === 0);
  const model = await openModel(folder, { precision: 'auto' });
  const { tokenizer, format } = model;
  const decoder = await model.decoder();
  const budget = promptBudget(model.contextLength, newTokens, promptTokens);
  for (const place of ['at the line’s start', 'behind the indentation']) {
    let [right, silent, milliseconds] = [0, 0, 0];
    for (const row of rows) {
      const line = row.canonical_solution;
      const indent = place.startsWith('behind') ? /^\s*/.exec(line)![0] : '';
      const before = row.prompt + indent;
      const { prefix, suffix } = codeWindow(before + row.suffix, before.length);
      const started = performance.now();
      const prompt: Prompt =
        mode === 'plain'
          ? { ids: encodeTail(tokenizer, prefix, budget.prompt), given: '' }
          : buildPrompt({ format, tokenizer, path: 'solution.py', prefix, suffix, budget });
      const context = { prefix, suffix };
      const { text } = await generateCompletion(decoder, model, context, { prompt, maxTokens: newTokens });
      milliseconds += performance.now() - started;
      const shown = applyFilters(text, context);
      if (shown === null) silent += 1;
      else if (firstLine(shown) === firstLine(line)) right += 1;
    }
    const share = (n: number) => `${((100 * n) / rows.length).toFixed(1)} %`;
    process.stdout.write(
      `${model.name}, ${place}: ${rows.length} places, first line right ${share(right)}, silent ${share(silent)}, ` +
        `${(milliseconds / rows.length).toFixed(0)} ms a place\n`,
    );
  }
  await model.close();
}

const firstLine = (text: string) => text.trim().split('\n')[0]!.trimEnd();

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
