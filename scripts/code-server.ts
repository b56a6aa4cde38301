/** How a code-server is called, by the end-to-end tests and by `npm start` alike. */

import { createServer } from 'node:net';
import { join } from 'node:path';
import { environmentWith, type NodeTool } from './editor-tools';

/** Its entry point, for the Node of `ensureNode`. */
export function programOf(codeServer: string): string {
  return join(codeServer, 'out', 'node', 'entry.js');
}

/** Where it keeps user data and extensions: all below `home`. */
export function folderArguments(home: string): string[] {
  return ['--user-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')];
}

export function userSettingsFile(home: string): string {
  return join(home, 'data', 'User', 'settings.json');
}

/**
 * Arguments of the server itself, for this machine alone.
 * @param workspaceTrust with it, folders start in Restricted Mode
 */
export function serverArguments(home: string, port: number, workspaceTrust = false): string[] {
  return [
    ...folderArguments(home),
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
    ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
  ];
}

/** Everything below `home`, and no gallery of extensions: nothing is asked of the network. */
export function environmentOf(node: NodeTool, home: string): NodeJS.ProcessEnv {
  return {
    ...environmentWith(node),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'share'),
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' }),
  };
}

/** The preferred port where it is free (an address to come back to), else any. */
export function freePort(preferred = 0): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const probe = createServer();
      probe.on('error', reject);
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address() as { port: number };
        probe.close(() => resolve(address.port));
      });
    });
  return attempt(preferred).catch(() => attempt(0));
}
