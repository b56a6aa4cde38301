/** `hindsight models get`: fetches a model, once a person asked for it and after saying from where, how much and under which licence. */
import { Command } from 'commander';
import { catalogue } from '../catalogue/catalogue';
import { type FetchProgress, fetchModel, progressSentence } from '../catalogue/fetch/fetch-model';
import { type DownloadPlan, planDownload } from '../catalogue/fetch/plan';
import { hubOf } from '../catalogue/fetch/requests';
import { thisMachine } from '../catalogue/machine';
import { inspectModel } from '../model/inspect';
import { print, readableSize } from './outcome';

interface Options {
  revision: string;
  json?: boolean;
}

export function getCommand(): Command {
  return new Command('get')
    .description('fetch a model into the Hugging Face cache; without a name, list what is worth fetching')
    .argument(
      '[name]',
      'of the list, or OWNER/NAME of the Hugging Face Hub, with :PRECISION or /FILE.gguf behind it',
    )
    .option('--revision <name>', 'branch, tag or commit', 'main')
    .option('--json', 'print JSON')
    .action(get);
}

async function get(name: string | undefined, _: unknown, command: Command): Promise<void> {
  // `--json` may stand before `get`, where it belongs to the command above.
  const { revision, json } = command.optsWithGlobals<Options>();
  if (name === undefined) {
    print(catalogue, json, () => catalogue.flatMap(describe));
    return;
  }
  const machine = thisMachine();
  const hub = hubOf(machine);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop);
  try {
    const plan = await planDownload(name, revision, hub, machine, abort.signal);
    for (const line of announcement(plan)) process.stderr.write(`${line}\n`);
    const path = await fetchModel(hub, plan, { signal: abort.signal, onProgress: progressLine() });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const { runs } = inspectModel(path, { precision: 'auto' });
    print({ name: plan.name, path, size: plan.size, runs }, json, () => [
      path,
      runs === true ? 'It runs here: hindsight.model.path takes this path.' : `It does not run here: ${runs}`,
    ]);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    throw new Error(
      `Stopped. What was fetched is kept: \`hindsight models get ${name}\` goes on from there.`,
    );
  } finally {
    process.off('SIGINT', stop);
  }
}

function describe({ id, repository, file, size, licence, purpose }: (typeof catalogue)[number]): string[] {
  return [`${id}  ${readableSize(size)}, ${licence}`, `  ${purpose}`, `  ${repository}, ${file}`];
}

function announcement(plan: DownloadPlan): string[] {
  const left = plan.size - plan.present;
  return [
    `${plan.name} from ${plan.page} (${plan.repository.revision}, ${plan.repository.commit.slice(0, 12)})`,
    `  licence: ${plan.licence ?? 'not stated; read its page before you use it'}`,
    ...plan.files.map((file) => `  ${file.url}  ${readableSize(file.size)}`),
    left === plan.size
      ? `  ${readableSize(left)} to ${plan.folder}`
      : `  ${readableSize(left)} of ${readableSize(plan.size)} are missing in ${plan.folder}`,
  ];
}

/** Speed and time left, on a terminal. */
function progressLine(): (progress: FetchProgress) => void {
  let shown = 0;
  return (progress) => {
    if (!process.stderr.isTTY || performance.now() - shown < 200) return;
    shown = performance.now();
    const full = Math.round((progress.done / progress.size) * 30);
    process.stderr.write(
      `\r\x1b[K[${'#'.repeat(full)}${'.'.repeat(30 - full)}] ${progressSentence(progress)}`,
    );
  };
}
