/**
 * Completions in real files, in a real editor, to be looked at: one place in each file, a screenshot of each in .artifacts/e2e.
 *
 *   node --require tsx/cjs test/bench/editor/look.ts --source DIR|held.jsonl [--files 20]
 */
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { Fixture } from '../../e2e/fixture';
import { type FilePlace, placesOf } from '../completions/places';
import { chosenFiles } from '../completions/sources';

const { values } = parseArgs({
  options: { source: { type: 'string' }, files: { type: 'string', default: '20' } },
});

const nameOf = (place: FilePlace, i: number) => `place-${i}${extname(place.file.path)}`;

/** Puts the cursor there and types the character before it anew, as a developer comes to it. */
async function stand(fixture: Fixture, name: string, { text, offset }: FilePlace): Promise<void> {
  const { editor } = fixture;
  const before = text.slice(0, offset).split('\n');
  await editor.openFile(name);
  await editor.goTo(before.length, before.at(-1)!.length + 1);
  await editor.press('Backspace');
  await editor.page.keyboard.insertText(text[offset - 1]!);
}

async function main(): Promise<void> {
  if (!values.source) throw new Error('Say with --source which folder or held.jsonl the files are in.');
  // The kinds in turn: the rest of a line, from inside a word, a block.
  const places = chosenFiles(values.source, Number(values.files)).flatMap((file, i) => {
    const made = placesOf(file, 3);
    return made[i % made.length] ?? [];
  });
  const fixture = await Fixture.start('look', {}, (workspace) => {
    for (const [i, place] of places.entries()) workspace.write(nameOf(place, i), place.text);
  });
  try {
    await fixture.editor.ready();
    for (const [i, place] of places.entries()) {
      await stand(fixture, nameOf(place, i), place);
      const ghost = await fixture.editor.ghost(2_000);
      await fixture.editor.screenshot(`${place.kind}-${i}`);
      console.log(
        `${i} ${place.kind} ${place.file.path}\n  right   ${JSON.stringify(place.right)}\n  offered ${JSON.stringify(ghost)}`,
      );
    }
  } finally {
    await fixture.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
