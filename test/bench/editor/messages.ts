/**
 * Which messages a keystroke sends to the server, how far apart they are, and what each costs the extension host:
 * `node --experimental-websocket --import tsx test/bench/editor/messages.ts [keys]`. A real VS Code; text is typed into a file with completions on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fixture } from '../../e2e/fixture';
import { quantile } from '../quantile';
import { HostProfiler } from './host-profiler';

const BETWEEN_MS = 120;
/** Two messages this near are written in one go as good as. */
const TOGETHER_MS = 5;

/** Runs in the extension host: notes the time, the method and the cost of each message to our server. */
const WATCH = `(() => {
  globalThis.hindsightMessages = [];
  const isServer = (handle) => handle.constructor.name === 'ChildProcess' && handle.spawnargs.some((each) => /hindsight[^/]*\\/dist\\/server\\.js$/.test(each));
  const servers = process._getActiveHandles().filter(isServer);
  for (const server of servers) {
    const send = server.send;
    server.send = function (message, ...rest) {
      const start = performance.now();
      const result = send.call(server, message, ...rest);
      hindsightMessages.push({ at: start, method: message.method ?? 'answer', cost: performance.now() - start });
      return result;
    };
  }
  return servers.length;
})()`;

interface Message {
  at: number;
  method: string;
  cost: number;
}

function print(name: string, messages: Message[], keys: number): void {
  const costs = messages.map(({ cost }) => cost * 1000);
  const at = (share: number) => quantile(costs, share).toFixed(0);
  console.log(
    `${name}: ${(messages.length / keys).toFixed(2)} a key; median ${at(0.5)} µs, p90 ${at(0.9)}, p99 ${at(0.99)}`,
  );
}

async function main(): Promise<void> {
  const keys = Number(process.argv[2] ?? 160);
  const fixture = await Fixture.start('messages', { settings: { 'hindsight.learning.automatic': false } });
  try {
    await fixture.editor.ready();
    await fixture.offer('users.js', 'loadUser');
    await fixture.editor.press('Escape');
    const host = await HostProfiler.attach(fixture.workspace.home);
    if ((await host.evaluate(WATCH)) !== 1) throw new Error('The server was not found.');
    const text = 'const user = users.get(id); if (user === undefined) return null; // and so on \n';
    const typed = text.repeat(Math.ceil(keys / text.length)).slice(0, keys);
    await fixture.editor.page.keyboard.type(typed, { delay: BETWEEN_MS });
    await sleep(500);
    const messages = JSON.parse(
      String(await host.evaluate('JSON.stringify(hindsightMessages)')),
    ) as Message[];
    host.close();
    for (const method of new Set(messages.map((each) => each.method)))
      print(
        method,
        messages.filter((each) => each.method === method),
        keys,
      );
    const isNear = (each: Message, i: number) => i > 0 && each.at - messages[i - 1]!.at < TOGETHER_MS;
    print(`less than ${TOGETHER_MS} ms after another`, messages.filter(isNear), keys);
    print(
      'the others, which wake the server',
      messages.filter((each, i) => !isNear(each, i)),
      keys,
    );
  } finally {
    await fixture.stop();
  }
}

void main();
