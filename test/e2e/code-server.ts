/** A code-server process with the packaged extension installed, as a user would install it. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  environmentOf,
  folderArguments,
  freePort,
  programOf,
  serverArguments,
  userSettingsFile,
} from '../../scripts/code-server';
import { QUIET_SETTINGS } from '../../scripts/editor-settings';
import { ensureCodeServer, ensureNode, type NodeTool } from '../../scripts/editor-tools';
import { run } from '../../scripts/process';

const READY_MS = 30_000;

export interface CodeServerOptions {
  /** Folder for user data, extensions and logs. */
  home: string;
  vsix: string;
  settings?: Record<string, unknown>;
  /** Variables of the editor's environment besides ours. */
  env?: NodeJS.ProcessEnv;
  /** With it, folders start in Restricted Mode. */
  workspaceTrust?: boolean;
  /** Of its Node and so of its extension host's. */
  nodeArguments?: string[];
}

export class CodeServer {
  private child: ChildProcess | undefined;
  port = 0;

  private constructor(
    private readonly options: CodeServerOptions,
    private readonly node: NodeTool,
    private readonly program: string,
  ) {}

  /** Installs the extension and starts the server. */
  static async start(options: CodeServerOptions): Promise<CodeServer> {
    const node = await ensureNode();
    const codeServer = await ensureCodeServer(node);
    const server = new CodeServer(options, node, programOf(codeServer));
    server.writeSettings({});
    await run(
      node.node,
      [server.program, ...folderArguments(options.home), '--install-extension', options.vsix],
      {
        env: { ...environmentOf(node, options.home), ...options.env },
        log: server.log,
      },
    );
    await server.launch();
    return server;
  }

  /** Where the extension keeps its database and adapters. */
  get storage(): string {
    return join(this.options.home, 'data', 'User', 'globalStorage', 'hindsight.hindsight');
  }

  /** What the editor and its extensions write. */
  get logs(): string {
    return join(this.options.home, 'data', 'logs');
  }

  /** What code-server itself writes. */
  get log(): string {
    return join(this.options.home, 'code-server.log');
  }

  url(folder: string): string {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(folder)}`;
  }

  /** User settings: the quiet ones, those of the options, and these. The editor follows changes of the file. */
  writeSettings(more: Record<string, unknown>): void {
    const file = userSettingsFile(this.options.home);
    mkdirSync(dirname(file), { recursive: true });
    const settings = { ...QUIET_SETTINGS, ...this.options.settings, ...more };
    writeFileSync(file, JSON.stringify(settings, null, 2));
  }

  /** Process ids of our language servers in this editor. */
  languageServers(): number[] {
    const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
    const own = join(this.options.home, 'extensions');
    return lines
      .filter((line) => line.includes(own) && line.includes(join('dist', 'server.js')))
      .map((line) => Number.parseInt(line, 10));
  }

  /** Kills them as an out-of-memory killer would; the result is whom. */
  killLanguageServer(): number[] {
    const pids = this.languageServers();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids;
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child?.pid || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    signal(child.pid, 'SIGTERM');
    const ended = await Promise.race([gone.then(() => true), sleep(5000).then(() => false)]);
    if (!ended) signal(child.pid, 'SIGKILL');
  }

  private async launch(): Promise<void> {
    this.port = await freePort();
    const { home, workspaceTrust, nodeArguments = [] } = this.options;
    const child = spawn(
      this.node.node,
      [...nodeArguments, this.program, ...serverArguments(home, this.port, workspaceTrust)],
      // A process group of its own: the extension host and our server go with it.
      {
        env: { ...environmentOf(this.node, home), ...this.options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    this.child = child;
    const log = createWriteStream(this.log, { flags: 'a' });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const deadline = Date.now() + READY_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`code-server ended at once; see ${this.log}.`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > deadline)
        throw new Error(`code-server did not answer in ${READY_MS} ms; see ${this.log}.`);
      await sleep(200);
    }
  }
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // It has gone already.
  }
}
