/** `hindsight prompt`: the prompt of a place in a file as the model sees it, token by token where wanted. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { codeWindow } from '../completion/window';
import { buildPrompt, promptBudget } from '../learning/prompt';
import { openModel } from '../model/open';
import { embeddedModel } from './installation';
import { print, wholeNumber } from './outcome';
import { offsetOf, readSource, type SourcePlace } from './source-place';

interface Options extends SourcePlace {
  model?: string;
  feedback?: string;
  maxTokens: number;
  tokens?: boolean;
  json?: boolean;
}

export function promptCommand(): Command {
  return new Command('prompt')
    .description('print the prompt of a place in a file as the model sees it')
    .option('--model <path>', 'a model: folder or .gguf file; the embedded model without it')
    .requiredOption('--file <file>', 'source file')
    .requiredOption('--line <n>', 'line of the cursor, the first is 1', wholeNumber(1))
    .requiredOption('--column <n>', 'column of the cursor in UTF-16 units, the first is 1', wholeNumber(1))
    .option('--feedback <text>', 'what the teacher reads besides, for instance "kept: return total;"')
    .option('--max-tokens <n>', 'tokens kept free for the completion', wholeNumber(1), 48)
    .option('--tokens', 'one token a line, with its id')
    .option('--json', 'print one JSON object')
    .action(prompt);
}

async function prompt(options: Options): Promise<void> {
  const text = readSource(options.file);
  const { prefix, suffix } = codeWindow(text, offsetOf(text, options));
  const model = await openModel(options.model ?? embeddedModel(), {});
  try {
    const { format, tokenizer, contextLength } = model;
    const budget = promptBudget(contextLength, options.maxTokens);
    const path = basename(options.file);
    const parts = { format, tokenizer, path, prefix, suffix, feedback: options.feedback, budget };
    const { ids, given } = buildPrompt(parts);
    const pieces = ids.map((id) => tokenizer.decode([id]));
    const lines = () =>
      options.tokens
        ? ids.map((id, i) => `${String(id).padStart(6)}  ${JSON.stringify(pieces[i])}`)
        : [tokenizer.decode(ids)];
    print({ order: format.order, tokens: ids.length, ids, pieces, given }, options.json, lines);
  } finally {
    await model.close();
  }
}
