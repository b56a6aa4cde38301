/** How a round that was asked for ended: what was learned, and where to see it. */

import { commands, Selection, Uri, window } from 'vscode';
import { mainRule, roundWords } from '../../server/protocol/round-words';
import type { PlaceToTry, RoundSummary } from '../../server/protocol/types';
import type { HindsightClient } from '../server/client';

export async function showResult(client: HindsightClient, round: RoundSummary): Promise<void> {
  const inUse = round.state === 'promoted' || round.state === 'kept-insufficient-evidence';
  // Without them the sentence is shorter.
  const rules = inUse ? await client.request('hindsight/rules', null).catch(() => []) : [];
  const rule = mainRule(rules);
  const place = rule && (await client.request('hindsight/placeToTry', { key: rule.key }).catch(() => null));
  const words = roundWords(round, rule);
  const sentence = `Hindsight: ${words}${place ? ` Try it in ${place.path}.` : ''}`;
  const buttons = [...(place ? ['Show'] : []), 'Open Panel', ...(inUse ? ['Roll Back'] : [])];
  const show = round.state === 'failed' ? window.showErrorMessage : window.showInformationMessage;
  const choice = await show(sentence, ...buttons);
  if (choice === 'Show' && place) await openAt(place);
  if (choice === 'Open Panel') await commands.executeCommand('hindsight.openPanel');
  if (choice === 'Roll Back') await commands.executeCommand('hindsight.rollBack');
}

/** The cursor at the line's end: Enter, and the completion is the one that was learned. */
async function openAt({ uri, line }: PlaceToTry): Promise<void> {
  const editor = await window.showTextDocument(Uri.parse(uri));
  const end = editor.document.lineAt(Math.min(line, editor.document.lineCount - 1)).range.end;
  editor.selection = new Selection(end, end);
  editor.revealRange(editor.document.lineAt(end.line).range);
  window.setStatusBarMessage('Hindsight: press Enter here', 6000);
}
