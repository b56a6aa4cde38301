/** The one question after the install: whether to fetch a model that completes better than the one that comes along. */

import { commands, type Memento, window, workspace } from 'vscode';
import type { HindsightClient } from '../server/client';
import { fetchAndUse } from './choose-model';
import { bytes } from './model-choices';

const ASKED = 'firstModel.asked';
/** The catalogue's name of the small default. */
const DEFAULT = 'smollm2-135m';

/** Asks once, where nobody has chosen a model yet; whatever is answered, never again. */
export async function offerFirstModel(client: HindsightClient, memory: Memento): Promise<void> {
  const settings = workspace.getConfiguration('hindsight');
  if (memory.get(ASKED, false) || settings.get('model.path', '') !== '' || !settings.get('model.offer', true))
    return;
  const model = (await client.request('hindsight/catalogue', null)).find(({ id }) => id === DEFAULT);
  if (!model) return;
  const answer = await window.showInformationMessage(
    `Hindsight works with a very small model for now. Fetch a better one (SmolLM2-135M, ${bytes(model.size)}, ${model.licence}, from ${model.address})?`,
    'Fetch',
    'Choose Model…',
    'No',
  );
  // Closed without an answer, it is an answer too.
  await memory.update(ASKED, true);
  if (answer === 'Fetch') await fetchAndUse(client, DEFAULT);
  if (answer === 'Choose Model…') await commands.executeCommand('hindsight.chooseModel');
}
