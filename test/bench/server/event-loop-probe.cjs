/**
 * Loaded before a program (`node --require`): watches its event loop, and prints on standard error, when it is sent
 * SIGUSR2, the longest times in ms in which nothing else was served: by the clock, and by what the main thread computed.
 * The second is what the program does; the first also holds what the machine did meanwhile.
 */
const { openSync, readSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const EVERY_MS = 2;
const schedstat =
  process.platform === 'linux' ? openSync(`/proc/self/task/${process.pid}/schedstat`, 'r') : null;
const buffer = Buffer.alloc(64);

/** Computing time of the main thread in ms. */
function computed() {
  if (schedstat === null) return 0;
  const length = readSync(schedstat, buffer, 0, 64, 0);
  return Number(buffer.toString('latin1', 0, length).split(' ')[0]) / 1e6;
}

if (isMainThread) watch();

function watch() {
  let clock = [];
  let thread = [];
  let [lastClock, lastThread] = [performance.now(), computed()];
  setInterval(() => {
    const [nowClock, nowThread] = [performance.now(), computed()];
    clock.push(nowClock - lastClock - EVERY_MS);
    thread.push(nowThread - lastThread);
    [lastClock, lastThread] = [nowClock, nowThread];
  }, EVERY_MS).unref();

  const largest = (values) =>
    [...values]
      .sort((a, b) => b - a)
      .slice(0, 5)
      .map((value) => Math.round(value * 10) / 10);
  process.on('SIGUSR2', () => {
    process.stderr.write(
      `stalls ${JSON.stringify({ clock: largest(clock), thread: largest(thread), looks: clock.length })}\n`,
    );
    [clock, thread] = [[], []];
  });
}
