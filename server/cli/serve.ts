/** `hindsight serve --stdio`: the language server, for any editor. */
import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the language server')
    .requiredOption('--stdio', 'speak the Language Server Protocol on standard input and output')
    .action(async () => {
      // Starts on import: it reads its own arguments from the command line.
      await import('../main');
    });
}
