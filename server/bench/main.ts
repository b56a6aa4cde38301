/** The benchmark's commands, a program of its own: it is part of a checkout, not of the extension. */
import { Command } from 'commander';
import { runProgram } from '../cli/outcome';
import { benchCommand } from './commands/bench';
import { benchCompletionsCommand } from './commands/bench-completions';
import { benchFixTestCommand } from './commands/bench-fix-test';
import { benchGgufCommand } from './commands/bench-gguf';
import { benchLearningCommand } from './commands/bench-learning';
import { benchRoundCommand } from './commands/bench-round';
import { replayCommand } from './commands/replay';

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('hindsight')
    // `bench` and `bench learning` have options of the same names.
    .enablePositionalOptions()
    .addCommand(replayCommand())
    .addCommand(
      benchCommand()
        .enablePositionalOptions()
        .addCommand(benchCompletionsCommand())
        .addCommand(benchGgufCommand())
        .addCommand(benchLearningCommand())
        .addCommand(benchRoundCommand())
        .addCommand(benchFixTestCommand()),
    );
  await runProgram(program, argv);
}
