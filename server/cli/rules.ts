/** `hindsight rules`: what a store's corrections have in common, as text to review, without the code it came from. */
import { Command } from 'commander';
import type { RuleView } from '../protocol/rules';
import { RuleKeeper } from '../services/rules';
import { openExistingStore } from './existing-store';
import { print } from './outcome';

interface Options {
  db: string;
  json?: boolean;
}

export function rulesCommand(): Command {
  return new Command('rules')
    .description('what corrections have in common: forms and sentences, without the code they came from')
    .requiredOption('--db <file>', 'the feedback store')
    .option('--json', 'print one JSON object')
    .action(rules);
}

async function rules(options: Options): Promise<void> {
  const store = await openExistingStore(options.db);
  try {
    const found = (await new RuleKeeper(store).list()).map(withoutCode);
    print({ rules: found }, options.json, () =>
      found.length === 0 ? ['No rules yet: no two corrections say the same.'] : found.flatMap(lines),
    );
  } finally {
    await store.close();
  }
}

type Reviewed = Omit<RuleView, 'places' | 'scope' | 'to'> & { to: string | null };

/** No places; and of a single correction the sentence alone: its form is that code. */
function withoutCode({ places: _places, scope: _scope, ...rule }: RuleView): Reviewed {
  return rule.count > 1 ? rule : { ...rule, from: null, to: null };
}

function lines(rule: Reviewed): string[] {
  const form = rule.to === null ? null : `${rule.from === null ? '' : `${rule.from}  →  `}${rule.to}`;
  const count = rule.count === 1 ? '1 correction' : `${rule.count} corrections`;
  return [
    [rule.sentence, form].filter((part) => part !== null).join('\n  ') || '(no form)',
    `  ${rule.language}, ${count}, ${rule.state}, key ${rule.key}`,
  ];
}
