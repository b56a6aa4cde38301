import { type Disposable, workspace } from 'vscode';
import { defaultSettings, type Settings } from '../../server/protocol/settings';
import { fill } from './fill';

const SECTION = 'hindsight';

/** The settings of section `hindsight` as they are now. */
export function readSettings(): Settings {
  const configuration = workspace.getConfiguration(SECTION);
  return fill(defaultSettings, '', (key, fallback) => configuration.get(key, fallback));
}

/** Schemes of the documents that are sent to the server. */
export function capturedSchemes(): string[] {
  return ['file', ...readSettings().schemes.filter((scheme) => typeof scheme === 'string' && scheme !== '')];
}

export function onSettingsChanged(handler: (settings: Settings) => void): Disposable {
  return workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) handler(readSettings());
  });
}
