/** `hindsight models`: what lies on this machine, and `hindsight models get`: what can be fetched onto it. */
import { Command } from 'commander';
import { type ListedModel, listModels } from '../catalogue/list';
import { embeddedModel } from './installation';
import { getCommand } from './models-get';
import { print, readableSize } from './outcome';

export function modelsCommand(): Command {
  return new Command('models')
    .description(
      'list the models on this machine: of Ollama, LM Studio, Hugging Face, llama.cpp and Hindsight',
    )
    .option('--json', 'print one JSON array')
    .action(list)
    .addCommand(getCommand());
}

function list({ json }: { json?: boolean }): void {
  const { models, unreadable } = listModels([{ name: 'embedded', path: embeddedModel() }]);
  for (const { reason } of unreadable) process.stderr.write(`hindsight: ${reason}\n`);
  print(models, json, () =>
    models.length > 0 ? models.flatMap(lines) : ['No models were found on this machine.'],
  );
}

function lines(m: ListedModel): string[] {
  const facts = [
    m.layout,
    m.precision,
    readableSize(m.size),
    m.context === null ? null : `context ${m.context}`,
    m.fillInTheMiddle ? 'fills in the middle' : 'sees only the code before the cursor',
  ].filter((fact) => fact !== null);
  return [
    `${m.name}  (${m.store})`,
    `  ${m.path}`,
    `  ${facts.join(', ')}`,
    m.runs === true ? '  runs here' : `  does not run: ${m.runs}`,
  ];
}
