/** `hindsight redact`: a text as it would be stored. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { redact } from '../workspace/redaction';
import { print, UsageError } from './outcome';

export function redactCommand(): Command {
  return new Command('redact')
    .description('print a text as it would be stored; exit 1 where a secret was taken out')
    .argument('<file>', 'text file, or - for standard input')
    .option('--json', 'print one JSON object: {text, secrets}, the number of places')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { text, secrets } = await redact(read(file));
      if (json) print({ text, secrets }, true, () => []);
      else process.stdout.write(text);
      if (secrets > 0) process.exitCode = 1;
    });
}

/** @throws UsageError, so that exit 1 always means that a secret was found */
function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
