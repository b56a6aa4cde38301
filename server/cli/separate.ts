/** Commands whose code is a bundle of its own, loaded by its path when one of them is called. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';

/** What such a bundle exports. */
export interface SeparateProgram {
  main(argv: readonly string[]): Promise<void>;
}

/**
 * The command as it is listed; its options are the bundle's own.
 * @param places the bundle in dist/, and its source where a TypeScript loader runs; relative to this program
 * @param absent what to say where neither is there
 */
export function separateCommand(
  name: string,
  description: string,
  places: { bundle: string; source: string },
  absent = 'The installation is incomplete: install the extension again.',
): Command {
  return new Command(name)
    .description(description)
    .argument('[arguments...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async () => {
      const file = [places.bundle, places.source].map((one) => join(__dirname, one)).find(existsSync);
      if (!file) throw new Error(absent);
      const { main } = require(file) as SeparateProgram;
      await main(process.argv);
    });
}
