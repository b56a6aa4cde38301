/** What axe, the checker of accessibility rules, objects to in the feedback panel as it is on screen. */

import { readFileSync } from 'node:fs';
import type { Editor } from './editor';

interface Objection {
  id: string;
  help: string;
  nodes: { html: string; any: { message: string }[] }[];
}

declare const axe: { run(context: Document, options: object): Promise<{ violations: Objection[] }> };

const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** One line for each rule broken, with the first element that breaks it. */
export async function objections({ panel }: Editor): Promise<string[]> {
  const body = panel.locator('body');
  await body.evaluate(source);
  const violations = await body.evaluate(async () => {
    const result = await axe.run(document, { resultTypes: ['violations'] });
    return result.violations;
  });
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.any[0]?.message ?? ''}`,
  );
}
