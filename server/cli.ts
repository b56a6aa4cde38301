/** The `hindsight` command. Each subcommand is a file in cli/; to add one, list it here. */
import { Command } from 'commander';
import { benchCommand } from './bench/commands/bench';
import { benchLearningCommand } from './bench/commands/bench-learning';
import { replayCommand } from './bench/commands/replay';
import { checkModelCommand } from './cli/check-model';
import { completeCommand } from './cli/complete';
import { exportCommand } from './cli/export';
import { runProgram } from './cli/outcome';
import { promptCommand } from './cli/prompt';
import { serveCommand } from './cli/serve';
import { statusCommand } from './cli/status';
import { trainCommand } from './cli/train';

const program = new Command('hindsight')
  .description('Code completion that learns, on your own machine, from what you did with it.')
  // `bench` and `bench learning` have options of the same names.
  .enablePositionalOptions()
  .addCommand(serveCommand())
  .addCommand(completeCommand())
  .addCommand(promptCommand())
  .addCommand(checkModelCommand())
  .addCommand(trainCommand())
  .addCommand(statusCommand())
  .addCommand(exportCommand())
  .addCommand(replayCommand())
  .addCommand(benchCommand().enablePositionalOptions().addCommand(benchLearningCommand()));

void runProgram(program, process.argv);
