/** A lens above each failing test, and a light bulb on the code that a failure points at. */
import {
  CodeAction,
  CodeActionKind,
  CodeLens,
  Disposable,
  languages,
  Range,
  type TextDocument,
} from 'vscode';
import type { FailingTest } from '../../server/protocol/fixing';
import type { FailingTests } from './failing-tests';

const COMMAND = 'hindsight.makeTestPass';
const TITLE = 'Hindsight: Make This Test Pass';

/** The lines of the completion that a failure was laid to: the light bulb is there as well. */
function completionLines({ completion }: FailingTest): FailingTest['places'] {
  if (!completion) return [];
  const { path, range } = completion;
  const count = Math.min(50, range.last - range.first + 1);
  return Array.from({ length: count }, (_, i) => ({ path, line: range.first + i, isTest: false }));
}

/** Draws them. */
export function followFailingTests(failing: FailingTests): Disposable {
  const pointsAt = (document: TextDocument) =>
    failing.all.flatMap((test) =>
      [...test.places, ...completionLines(test)]
        .filter(({ path }) => path === document.uri.fsPath)
        .map(({ line, isTest }) => ({ test, isTest, line: Math.min(line, document.lineCount) - 1 })),
    );
  const command = (test: FailingTest) => ({ command: COMMAND, title: TITLE, arguments: [{ test }] });
  return Disposable.from(
    languages.registerCodeLensProvider(
      { scheme: 'file' },
      {
        onDidChangeCodeLenses: failing.onChanged,
        provideCodeLenses: (document) => {
          const seen = new Set<string>();
          return pointsAt(document)
            .filter(
              ({ isTest, test, line }) =>
                isTest && !seen.has(`${test.name} ${line}`) && seen.add(`${test.name} ${line}`),
            )
            .map(({ test, line }) => new CodeLens(new Range(line, 0, line, 0), command(test)));
        },
      },
    ),
    languages.registerCodeActionsProvider(
      { scheme: 'file' },
      {
        provideCodeActions: (document, range) => {
          const [found] = pointsAt(document).filter(
            ({ isTest, line }) => !isTest && line >= range.start.line && line <= range.end.line,
          );
          if (!found) return [];
          const action = new CodeAction(TITLE, CodeActionKind.QuickFix);
          action.command = command(found.test);
          return [action];
        },
      },
      { providedCodeActionKinds: [CodeActionKind.QuickFix] },
    ),
  );
}
