/**
 * What one message to another process costs the sender here, and what one to a thread would: `npx tsx test/bench/editor/send.ts`.
 * The message is a change of one character, as an editor tells it; one every 12 ms, so that nothing is warm, as between keys.
 */
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { quantile } from '../quantile';

const at = { line: 1, character: 3 };
const MESSAGE = {
  jsonrpc: '2.0',
  method: 'textDocument/didChange',
  params: {
    textDocument: { uri: 'file:///home/someone/project/src/users.js', version: 3 },
    contentChanges: [{ range: { start: at, end: at }, rangeLength: 0, text: 'a' }],
  },
};
const TIMES = 300;

async function measure(name: string, send: () => void): Promise<void> {
  const microseconds: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    await sleep(12);
    const start = process.hrtime.bigint();
    send();
    microseconds.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  const at = (share: number) => quantile(microseconds, share).toFixed(0);
  console.log(`${name}: median ${at(0.5)} µs, p90 ${at(0.9)}, p99 ${at(0.99)}`);
}

async function main(): Promise<void> {
  if (process.send) {
    process.on('message', () => {});
    return;
  }
  const child = fork(__filename, { execArgv: process.execArgv });
  const worker = new Worker("require('node:worker_threads').parentPort.on('message', () => {})", {
    eval: true,
  });
  await sleep(2000);
  await measure('as text only (JSON.stringify)', () => JSON.stringify(MESSAGE));
  await measure('to a process (process.send)', () => child.send(MESSAGE));
  await measure('to a thread (postMessage)', () => worker.postMessage(MESSAGE));
  child.kill();
  await worker.terminate();
}

void main();
