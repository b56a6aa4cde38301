/** What every subcommand shares: exit 0 for done, 1 for failed, 2 for bad use; one sentence to stderr, results to stdout. */

import { type Command, CommanderError } from 'commander';
import { errorMessage } from '../base/errors';

/** The command was called with arguments that make no sense together. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Parses the arguments, runs the subcommand and sets the exit code. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  throwInsteadOfExit(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has printed its own message; asking for help or the version is no error.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
      process.stderr.write(`hindsight: ${errorMessage(error)}\n`);
      process.exitCode = error instanceof UsageError ? 2 : 1;
    }
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) throwInsteadOfExit(sub);
}

/** Prints a result: as one JSON object with `--json`, else as lines for people. */
export function print(result: object, json: boolean | undefined, lines: () => string[]): void {
  process.stdout.write(`${json ? JSON.stringify(result) : lines().join('\n')}\n`);
}

/** Parser of a commander option that must be a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`"${text}" must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Resident memory of this process now and at its highest, in bytes; the highest is unknown on some systems. */
export function residentMemory(): { now: number; peak: number } {
  return { now: process.memoryUsage().rss, peak: process.resourceUsage().maxRSS * 1024 };
}

export const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** Bytes for people, at least 1 MB. */
export const readableSize = (bytes: number) =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
