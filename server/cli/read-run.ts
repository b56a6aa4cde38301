/** `hindsight read-run`: what Hindsight understands of a test run's output or report. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { understandRun } from '../test-output/understand-run';
import { placesIn } from '../test-output/workspace-places';
import { print, UsageError } from './outcome';

interface Options {
  command?: string;
  cwd?: string;
  exitCode?: number;
  json?: boolean;
}

/** Files of these names are reports, whatever wrote them. */
const REPORT = /\.(?:xml|tap|jsonl?|ndjson)$/i;

export function readRunCommand(): Command {
  return new Command('read-run')
    .description("what Hindsight understands of a test run's output or report")
    .argument('<file>', "the output, or a report: JUnit's XML, TAP, go test's JSON")
    .option('--command <command>', 'the command that printed it')
    .option('--cwd <dir>', 'the folder it ran in; files are told relative to it where they lie there')
    .option('--exit-code <n>', 'the exit code of the command', exitCode)
    .option('--json', 'print one JSON object')
    .action(readRun);
}

function exitCode(text: string): number {
  const code = Number(text);
  if (!Number.isSafeInteger(code)) throw new UsageError(`"${text}" must be an exit code, a whole number.`);
  return code;
}

/** PowerShell writes UTF-16 where it redirects an output. */
function textOf(bytes: Buffer): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isWide ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
}

async function readRun(file: string, options: Options): Promise<void> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${file} could not be read (${error.code ?? error.message}): name a file that holds a run's output.`,
    );
  });
  const output = textOf(bytes);
  const { command } = options;
  const run = { output, command, exitCode: options.exitCode ?? null };
  const asReport = REPORT.test(file) ? understandRun({ ...run, isReport: true }) : null;
  const { runner, outcome, failures } = asReport?.runner ? asReport : understandRun(run);
  const placed = placesIn(options.cwd === undefined ? null : resolve(options.cwd));
  const result = {
    runner,
    outcome,
    failures: failures.map(({ name, file: own, message, frames, root }) => {
      const place = (path: string) => placed(path, root);
      const places = frames.map((frame) => ({ file: place(frame.file), line: frame.line }));
      return {
        name,
        file: own ? place(own) : (places[places.length - 1]?.file ?? null),
        message,
        frames: places,
      };
    }),
  };
  print(result, options.json, () => [
    `${runner ?? 'no test run'}: ${outcome}`,
    ...result.failures.flatMap(({ name, message, frames }) => [
      `✗ ${name || '(no test named)'}`,
      ...message.split('\n').map((line) => `    ${line}`),
      ...frames.slice(0, 3).map((frame) => `    at ${frame.file}:${frame.line}`),
    ]),
  ]);
}
