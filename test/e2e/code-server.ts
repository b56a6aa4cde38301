/** A code-server process with the packaged extension installed, as a user would install it. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUIET_SETTINGS } from '../../scripts/editor-settings';
import { ensureCodeServer, ensureNode, environmentWith, type NodeTool } from '../../scripts/editor-tools';
import { run } from '../../scripts/process';

const READY_MS = 30_000;

export interface CodeServerOptions {
  /** Folder for user data, extensions and logs. */
  home: string;
  vsix: string;
  settings?: Record<string, unknown>;
  /** With it, folders start in Restricted Mode. */
  workspaceTrust?: boolean;
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
    const server = new CodeServer(options, node, join(codeServer, 'out', 'node', 'entry.js'));
    server.writeSettings({});
    await run(node.node, [server.program, ...server.folders(), '--install-extension', options.vsix], {
      env: server.environment(),
      log: server.log,
    });
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
    const folder = join(this.options.home, 'data', 'User');
    mkdirSync(folder, { recursive: true });
    const settings = { ...QUIET_SETTINGS, ...this.options.settings, ...more };
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings, null, 2));
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
    const trust = this.options.workspaceTrust ? [] : ['--disable-workspace-trust'];
    const child = spawn(
      this.node.node,
      [
        this.program,
        ...this.folders(),
        ...['--auth', 'none', '--bind-addr', `127.0.0.1:${this.port}`],
        ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', ...trust],
      ],
      // A process group of its own: the extension host and our server go with it.
      { env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
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

  private folders(): string[] {
    const { home } = this.options;
    return ['--user-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')];
  }

  private environment(): NodeJS.ProcessEnv {
    const { home } = this.options;
    return {
      ...environmentWith(this.node),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'share'),
    };
  }
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // It has gone already.
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
