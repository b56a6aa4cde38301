/** The `hindsight` command. Each subcommand is a file in cli/; to add one, list it here. */
import { Command } from 'commander';
import { completeCommand } from './cli/complete';
import { exportCommand } from './cli/export';
import { fixTestCommand } from './cli/fix-test';
import { importAdapterCommand } from './cli/import-adapter';
import { modelsCommand } from './cli/models';
import { runProgram } from './cli/outcome';
import { promptCommand } from './cli/prompt';
import { readRunCommand } from './cli/read-run';
import { redactCommand } from './cli/redact';
import { rulesCommand } from './cli/rules';
import { separateCommand } from './cli/separate';
import { serveCommand } from './cli/serve';
import { statusCommand } from './cli/status';
import { trainCommand } from './cli/train';

const program = new Command('hindsight')
  .description('Code completion that learns, on your own machine, from what you did with it.')
  .addCommand(serveCommand())
  .addCommand(completeCommand())
  .addCommand(promptCommand())
  .addCommand(
    separateCommand('check-model', 'tell whether a model runs here, on which device and how fast', {
      bundle: 'check-model.js',
      source: '../bench/check-model.ts',
    }),
  )
  .addCommand(modelsCommand())
  .addCommand(trainCommand())
  .addCommand(fixTestCommand())
  .addCommand(statusCommand())
  .addCommand(rulesCommand())
  .addCommand(readRunCommand())
  .addCommand(exportCommand())
  .addCommand(importAdapterCommand())
  .addCommand(redactCommand())
  .addCommand(research('replay', 'replay a git history: frozen, retrieval and learning side by side'))
  .addCommand(research('bench', 'measure speed and memory; `bench learning` compares objectives'));

/** The benchmark is no part of the extension. */
function research(name: string, description: string): Command {
  const absent = `\`hindsight ${name}\` is part of a checkout of Hindsight, not of the installed extension: run it there, after \`npm run build\`.`;
  return separateCommand(name, description, { bundle: 'bench.js', source: '../bench/main.ts' }, absent);
}

void runProgram(program, process.argv);
