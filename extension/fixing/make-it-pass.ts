/** *Make This Test Pass*: which test, where, the search, and a change to take or leave. */
import {
  commands,
  Disposable,
  EventEmitter,
  Range,
  type TextDocument,
  type TextDocumentContentProvider,
  type Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import type { FailingTest, FixOutcome } from '../../server/protocol/fixing';
import type { HindsightClient } from '../server/client';
import { withProgress } from '../server/progress';
import { failedPlace, type Place, selectedPlace } from './place';

const SCHEME = 'hindsight-fix';

/** What a lens or a light bulb was clicked for. */
export interface Asked {
  test?: FailingTest;
}

export class FixCommand implements Disposable, TextDocumentContentProvider {
  private readonly registration: Disposable;
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  /** The file as it would be, by its address. */
  private readonly proposed = new Map<string, string>();
  private running = false;

  constructor(private readonly client: HindsightClient) {
    this.registration = Disposable.from(
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      this.changed,
    );
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.proposed.get(uri.toString()) ?? '';
  }

  async run({ test: asked }: Asked = {}): Promise<void> {
    if (!workspace.isTrusted) {
      window.showWarningMessage('Hindsight runs tests in trusted workspaces only.');
      return;
    }
    if (this.running) {
      window.showInformationMessage('Hindsight: one search is under way; wait for it, or cancel it first.');
      return;
    }
    const test = asked ?? (await this.choose());
    if (!test) return;
    const place = selectedPlace(test) ?? (await failedPlace(test));
    if (!place) {
      window.showInformationMessage(
        'Hindsight: nothing says which code this failure is about. Select the lines that may change, then try again.',
      );
      return;
    }
    await workspace.saveAll(false);
    this.running = true;
    try {
      await this.search(test, place);
    } finally {
      this.running = false;
    }
  }

  private async choose(): Promise<FailingTest | undefined> {
    const failing = await this.client.request('hindsight/failingTests', null);
    if (failing.length === 0) {
      const choice = await window.showInformationMessage(
        'Hindsight: no failing test is known. Run your tests first, in a terminal or with “Run Tests”.',
        'Run Tests',
      );
      if (choice) await commands.executeCommand('hindsight.runTests');
      return undefined;
    }
    if (failing.length === 1) return failing[0];
    const items = failing.map((test) => ({
      label: test.name || test.message,
      description: test.name ? test.message : '',
      detail: test.command,
      test,
    }));
    const title = 'Hindsight: Make This Test Pass';
    return (
      await window.showQuickPick(items, { title, placeHolder: 'Which test?', matchOnDescription: true })
    )?.test;
  }

  private async search(test: FailingTest, { document, range }: Place): Promise<void> {
    const before = document.getText();
    const { command, cwd } = test;
    const maxSeconds = workspace.getConfiguration('hindsight', document).get('tests.fixSeconds', 300);
    const outcome = await withProgress(
      this.client,
      `Hindsight: searches what makes “${test.name || command}” pass`,
      (workDoneToken, cancel) =>
        this.client.request(
          'hindsight/fixTest',
          { path: document.uri.fsPath, range, command, cwd, maxSeconds, workDoneToken },
          cancel,
        ),
    );
    if (!outcome) {
      window.setStatusBarMessage('Hindsight: the search was cancelled; nothing was changed', 4000);
      return;
    }
    for (const notice of outcome.notices) window.showWarningMessage(`Hindsight: ${notice}`);
    if (!outcome.found || outcome.text === null) {
      window.showInformationMessage(`Hindsight: ${outcome.message}`);
      return;
    }
    await this.propose(document, before, range, outcome);
  }

  private async propose(
    document: TextDocument,
    before: string,
    range: Place['range'],
    outcome: FixOutcome,
  ): Promise<void> {
    const lines = new Range(range.first - 1, 0, range.last - 1, Number.MAX_SAFE_INTEGER);
    const span = document.validateRange(lines);
    const eol = before.includes('\r\n') ? '\r\n' : '\n';
    const text = outcome.text!.replaceAll('\n', eol);
    const [from, to] = [document.offsetAt(span.start), document.offsetAt(span.end)];
    const uri = document.uri.with({ scheme: SCHEME });
    this.proposed.set(uri.toString(), before.slice(0, from) + text + before.slice(to));
    this.changed.fire(uri);
    await commands.executeCommand('vscode.diff', document.uri, uri, `${title(document)}: what passes`, {
      preview: true,
    });
    const choice = await window.showInformationMessage(`Hindsight: ${outcome.message}`, 'Take', 'Leave');
    await closeDiff(uri);
    this.proposed.delete(uri.toString());
    if (choice !== 'Take') return;
    if (document.getText() !== before) {
      window.showWarningMessage(
        'Hindsight: the file has changed meanwhile, so nothing was put there. Search again.',
      );
      return;
    }
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, span, text);
    if (!(await workspace.applyEdit(edit))) return;
    await document.save();
    await this.client.request('hindsight/fixTaken', {
      uri: document.uri.toString(),
      languageId: document.languageId,
      before: before.replaceAll('\r\n', '\n'),
      offset: before.slice(0, from).replaceAll('\r\n', '\n').length,
      failing: outcome.failing.text,
      passing: outcome.text!,
      failure: outcome.failing.failure,
    });
    window.setStatusBarMessage('Hindsight: taken, and noted as a correction to learn from', 4000);
  }

  dispose(): void {
    this.registration.dispose();
  }
}

const title = (document: TextDocument) => document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1);

async function closeDiff(proposed: Uri): Promise<void> {
  for (const group of window.tabGroups.all)
    for (const tab of group.tabs) {
      const input = tab.input as { modified?: Uri } | undefined;
      if (input?.modified?.toString() === proposed.toString()) await window.tabGroups.close(tab);
    }
}
