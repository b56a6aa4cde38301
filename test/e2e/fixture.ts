/** Everything a suite needs: a workspace, a code-server with the extension, and the editor's window. */

import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePackage } from '../../scripts/package';
import { CodeServer, type CodeServerOptions } from './code-server';
import { artifacts, Editor } from './editor';
import { Workspace } from './workspace';

let made: Promise<string> | undefined;

/** The .vsix under test: $HINDSIGHT_VSIX, or one made now. */
function vsix(): Promise<string> {
  const given = process.env.HINDSIGHT_VSIX;
  made ??= given
    ? Promise.resolve(given)
    : makePackage(`${process.platform}-${process.arch}`, join(artifacts, 'hindsight.vsix')).then(
        (p) => p.file,
      );
  return made;
}

export class Fixture {
  private constructor(
    readonly workspace: Workspace,
    readonly server: CodeServer,
    readonly editor: Editor,
    private readonly name: string,
  ) {}

  /** @param prepare puts files into the workspace before the editor opens it */
  static async start(
    name: string,
    options: Partial<CodeServerOptions> = {},
    prepare: (workspace: Workspace) => void = () => {},
  ): Promise<Fixture> {
    mkdirSync(artifacts, { recursive: true });
    for (const old of readdirSync(artifacts))
      if (old.startsWith(`${name}-`)) rmSync(join(artifacts, old), { recursive: true });
    const workspace = new Workspace();
    prepare(workspace);
    const server = await CodeServer.start({
      home: workspace.home,
      vsix: await vsix(),
      // What goes to the home folder goes there.
      env: { HOME: workspace.home },
      ...options,
    });
    const editor = await Editor.open(server.url(workspace.folder), name);
    return new Fixture(workspace, server, editor, name);
  }

  /** Opens a new line behind the `if (!id) {` of a function of the sample; the ghost text there, or null. */
  async offer(file: string, name: string, timeout?: number): Promise<string | null> {
    const lines = this.workspace.read(`src/${file}`).split('\n');
    const start = lines.findIndex((line) => line.includes(`function ${name}(`));
    await this.editor.openFile(file);
    await this.editor.goTo(start + 2);
    await this.editor.press('Enter');
    return this.editor.ghost(timeout);
  }

  async stop(): Promise<void> {
    await this.editor.close();
    await this.server.stop();
    this.keep();
    this.workspace.remove();
  }

  /** Keeps what tells why a test failed: the logs and the database. */
  private keep(): void {
    if (existsSync(this.server.log))
      copyFileSync(this.server.log, join(artifacts, `${this.name}-code-server.log`));
    const { logs, storage } = this.server;
    for (const file of filesIn(logs))
      if (file.endsWith('Hindsight.log')) copyFileSync(file, join(artifacts, `${this.name}-hindsight.log`));
    if (existsSync(storage)) cpSync(storage, join(artifacts, `${this.name}-storage`), { recursive: true });
  }
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}
