/** "3 failed" in the status bar, and a click to them. */

import { Disposable, Position, Range, StatusBarAlignment, ThemeColor, Uri, window, workspace } from 'vscode';
import type { FailingTests } from '../fixing/failing-tests';

export class FailingTestsItem implements Disposable {
  private readonly item = window.createStatusBarItem('hindsight.failing', StatusBarAlignment.Right, 99);
  private readonly subscription: Disposable;

  /** @param again runs the last tests once more */
  constructor(
    private readonly failing: FailingTests,
    private readonly again: () => Promise<void>,
  ) {
    this.item.name = 'Hindsight: Failing Tests';
    this.item.command = 'hindsight.showFailingTests';
    this.item.backgroundColor = new ThemeColor('statusBarItem.errorBackground');
    this.subscription = Disposable.from(
      this.item,
      failing.onChanged(() => this.draw()),
    );
  }

  private draw(): void {
    const count = this.failing.all.length;
    this.item.text = `$(error) ${count} failed`;
    this.item.tooltip = `Hindsight: ${count === 1 ? 'a test fails' : `${count} tests fail`}. Click to go to ${count === 1 ? 'it' : 'them'}.`;
    this.item.accessibilityInformation = { label: `${count} failing tests`, role: 'button' };
    if (count > 0) this.item.show();
    else this.item.hide();
  }

  async show(): Promise<void> {
    const tests = this.failing.all;
    if (tests.length === 0) {
      window.showInformationMessage('Hindsight: no test failed in the last run.');
      return;
    }
    const entries = tests.map((test) => ({
      label: `$(error) ${test.name || 'A failure without a name'}`,
      description: test.places[0]
        ? `${workspace.asRelativePath(test.places[0].path)}:${test.places[0].line}`
        : '',
      detail: test.message,
      test,
    }));
    const again = { label: '$(refresh) Run Again', description: '', detail: '', test: null };
    const chosen = await window.showQuickPick([...entries, again], {
      title: 'Hindsight: Failing Tests',
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (chosen === again) return this.again();
    const place = chosen?.test?.places[0];
    if (!place) return;
    const at = new Position(place.line - 1, 0);
    await window.showTextDocument(Uri.file(place.path), { selection: new Range(at, at) });
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
