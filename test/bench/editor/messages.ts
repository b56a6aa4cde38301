/**
 * Which messages a keystroke sends to the server, how far apart they are, and what each costs the extension host:
 * `node --experimental-websocket --import tsx test/bench/editor/messages.ts [keys]`. A real VS Code; text is typed into a file with completions on.
 */
import { quantile } from '../quantile';
import { HostInspector } from './host';
import { whileTyping } from './typing';

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
  let host: HostInspector;
  const messages = await whileTyping('messages', keys, {
    start: async (pid) => {
      host = await HostInspector.attach(pid);
      if ((await host.evaluate(WATCH)) !== 1) throw new Error('The server was not found.');
    },
    stop: async () => {
      const found = String(await host.evaluate('JSON.stringify(hindsightMessages)'));
      host.close();
      return JSON.parse(found) as Message[];
    },
  });
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
}

void main();
