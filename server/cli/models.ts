/** `hindsight models`: what lies on this machine, and `hindsight models get`: what can be fetched onto it. */
import { Command } from 'commander';
import { bestModel } from '../catalogue/cost/best';
import { knownSpeed, measureSpeed } from '../catalogue/cost/probe';
import { type ListedModel, listModels } from '../catalogue/list';
import { thisMachine } from '../catalogue/machine';
import { costSentence } from '../protocol/cost';
import { embeddedModel } from './installation';
import { getCommand } from './models-get';
import { print, readableSize } from './outcome';

export function modelsCommand(): Command {
  return new Command('models')
    .description(
      'list the models on this machine: of Ollama, LM Studio, Hugging Face, llama.cpp and Hindsight',
    )
    .option('--probe', 'measure this machine again, which every cost is told by')
    .option('--json', 'print one JSON array')
    .action(list)
    .addCommand(getCommand());
}

async function list({ json, probe }: { json?: boolean; probe?: boolean }): Promise<void> {
  // Without its costs the list is a list still.
  const measured = async () => measureSpeed().catch(() => undefined);
  const speed = (probe ? undefined : knownSpeed()) ?? (await measured());
  const own = [{ name: 'embedded', path: embeddedModel() }];
  const { models, unreadable } = listModels(own, thisMachine(), { precision: 'auto' }, speed);
  const best = bestModel(models);
  const all = models.map((one) => ({ ...one, best: one === best?.model ? best.why : null }));
  for (const { reason } of unreadable) process.stderr.write(`hindsight: ${reason}\n`);
  print(all, json, () => (all.length > 0 ? all.flatMap(lines) : ['No models were found on this machine.']));
}

/** @param m `best`: why it is the best choice; null where it is not */
function lines(m: ListedModel & { best: string | null }): string[] {
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
    m.runs === true
      ? ['  runs here', ...(m.cost ? [costSentence(m.cost)] : [])].join(': ')
      : `  does not run: ${m.runs}`,
    ...(m.best === null ? [] : [`  best choice here: ${m.best}`]),
  ];
}
