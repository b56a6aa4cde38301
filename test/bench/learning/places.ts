/** Places in the sample project where its private convention is due: behind every `if (!id) {`. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../root';

export interface Place {
  file: string;
  name: string;
  prefix: string;
  suffix: string;
  /** What the project writes there. */
  right: string;
}

export const SAMPLE = path.join(ROOT, 'test/workspaces/sample');

/** Every place of the sample, in the order of its README: users and orders first. */
export function samplePlaces(folder = path.join(SAMPLE, 'src')): Place[] {
  const order = ['users.js', 'orders.js', 'items.js'];
  const files = readdirSync(folder).filter((name) => name.endsWith('.js') && name !== 'log.js');
  files.sort((a, b) => rank(order, a) - rank(order, b) || a.localeCompare(b));
  return files.flatMap((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    return [...text.matchAll(/function (\w+)\(.*\n {2}if \(!id\) \{\n/g)].map((match) => {
      const at = match.index + match[0].length;
      const name = match[1]!;
      return {
        file: `src/${file}`,
        name,
        prefix: `${text.slice(0, at)}    `,
        suffix: `\n${text.slice(at)}`,
        right: `lg.emit(Level.Warn, '${name}', { id });`,
      };
    });
  });
}

function rank(order: string[], file: string): number {
  const at = order.indexOf(file);
  return at < 0 ? order.length : at;
}
