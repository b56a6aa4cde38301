/** `hindsight status`: what a store holds, which adapters there are, how the last rounds went. */
import { Command } from 'commander';
import { openModel } from '../model/open';
import type { EventStatus } from '../protocol/types';
import { openExistingStore } from './existing-store';
import { embeddedModel } from './installation';
import { print } from './outcome';

interface Options {
  db: string;
  model?: string;
  json?: boolean;
}

const STATUSES: EventStatus[] = [
  'waiting',
  'ready',
  'trained',
  'held-out',
  'gated-out',
  'dropped',
  'rolled-back',
];

export function statusCommand(): Command {
  return new Command('status')
    .description('events, adapters, rounds and device of a store')
    .requiredOption('--db <file>', 'the feedback store')
    .option('--model <path>', 'a model: folder or .gguf file (default: the embedded model)')
    .option('--json', 'print one JSON object')
    .action(status);
}

async function status(options: Options): Promise<void> {
  const store = await openExistingStore(options.db);
  try {
    const model = await openModel(options.model ?? embeddedModel());
    const { name, hash, device } = model;
    await model.close();
    const counts = await Promise.all(
      STATUSES.map(async (one) => [one, await store.events.count(one)] as const),
    );
    const adapters = await store.adapters.list(hash);
    const rounds = await store.rounds.list(5);
    const completions = await store.completions.count();
    const active = adapters.find((adapter) => adapter.active)?.id ?? null;
    const events = Object.fromEntries(counts);
    const result = {
      model: name,
      device,
      completions,
      events,
      adapter: active,
      adapters: adapters.map(({ id, createdAt, roundId, parent }) => ({ id, createdAt, roundId, parent })),
      rounds: rounds.map(({ steps, ...round }) => ({ ...round, steps: steps.length })),
    };
    print(result, options.json, () => [
      `${name} on ${device}, ${active === null ? 'base model' : `adapter ${active}`} of ${adapters.length}`,
      `${completions} completions; events: ${counts.map(([status, n]) => `${n} ${status}`).join(', ')}`,
      ...rounds.map((round) => `round ${round.id}, ${round.events} events: ${round.state}. ${round.message}`),
    ]);
  } finally {
    await store.close();
  }
}
