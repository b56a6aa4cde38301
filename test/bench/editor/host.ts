/** The extension host of an editor: which process it is, and what it answers through Node's inspector. Wants a Node with a WebSocket. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a process that was sent SIGUSR1 listens. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';

/** Process id of the extension host whose environment names this folder (Linux). @throws Error where none runs */
export function extensionHostOf(home: string): number {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const hosts = lines
    .filter((line) => line.includes('--type=extensionHost'))
    .map((line) => Number.parseInt(line, 10));
  const host = hosts.find((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8').includes(home));
  if (!host) throw new Error(`No extension host of ${home} runs.`);
  return host;
}

export class HostInspector {
  private number = 0;
  private readonly waiting = new Map<number, (result: Record<string, unknown>) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data));
      this.waiting.get(id)?.(result);
    });
  }

  /** @param pid of the extension host */
  static async attach(pid: number): Promise<HostInspector> {
    process.kill(pid, 'SIGUSR1');
    for (let attempt = 0; ; attempt++) {
      await sleep(200);
      const answer = await fetch(INSPECTOR).catch(() => undefined);
      if (!answer && attempt < 50) continue;
      const [target] = (await answer!.json()) as { webSocketDebuggerUrl: string }[];
      const socket = new WebSocket(target!.webSocketDebuggerUrl);
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve);
        socket.addEventListener('error', reject);
      });
      return new HostInspector(socket);
    }
  }

  /** The value of an expression there. @throws Error where it throws */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.ask('Runtime.evaluate', { expression, returnByValue: true });
    const { value, description } = answer.result as { value?: unknown; description?: string };
    if (answer.exceptionDetails) throw new Error(`In the extension host: ${description}`);
    return value;
  }

  close(): void {
    this.socket.close();
  }

  private ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.number;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}
