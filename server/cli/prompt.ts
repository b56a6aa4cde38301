/** `hindsight prompt`: the prompt of a place in a file as the model sees it, token by token where wanted. */
import { Command } from 'commander';
import { promptBudgetOf } from '../completion/budget';
import { codePlace } from '../completion/code-place';
import { buildPrompt } from '../learning/prompt';
import { openModel } from '../model/open';
import type { ContextKind } from '../prompt-context/types';
import { embeddedModel } from './installation';
import { print, wholeNumber } from './outcome';
import { contextOnDisk, contextOption, shownPath } from './place-context';
import { offsetOf, readSource, type SourcePlace } from './source-place';

interface Options extends SourcePlace {
  model?: string;
  feedback?: string;
  maxTokens: number;
  context: ContextKind[];
  contextTokens?: number;
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
    .addOption(contextOption())
    .option('--context-tokens <n>', 'most tokens of the context', wholeNumber(0))
    .option('--tokens', 'one token a line, with its id')
    .option('--json', 'print one JSON object')
    .action(prompt);
}

async function prompt(options: Options): Promise<void> {
  const text = readSource(options.file);
  const { prefix, suffix } = codePlace(text, offsetOf(text, options));
  const model = await openModel(options.model ?? embeddedModel(), {});
  try {
    const { format, tokenizer } = model;
    const budget = promptBudgetOf(model, options.maxTokens, options.contextTokens);
    const path = shownPath(options.file);
    const code = { path, languageId: '', prefix, suffix };
    const context = await contextOnDisk(options.file, { ...code, text }, options.line, options.context);
    const parts = { format, tokenizer, ...code, context, feedback: options.feedback, budget };
    const { ids, given, contextTokens } = buildPrompt(parts);
    const pieces = ids.map((id) => tokenizer.decode([id]));
    const lines = () =>
      options.tokens
        ? ids.map((id, i) => `${String(id).padStart(6)}  ${JSON.stringify(pieces[i])}`)
        : [tokenizer.decode(ids)];
    print(
      { order: format.order, tokens: ids.length, contextTokens, ids, pieces, given },
      options.json,
      lines,
    );
  } finally {
    await model.close();
  }
}
