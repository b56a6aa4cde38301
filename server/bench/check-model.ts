/** `hindsight check-model`, a program of its own: a command of the product that runs the benchmark's measurements and cases. */
import { Command } from 'commander';
import { runProgram } from '../cli/outcome';
import { checkModelCommand } from './commands/check-model';

export async function main(argv: readonly string[]): Promise<void> {
  await runProgram(new Command('hindsight').addCommand(checkModelCommand()), argv);
}
