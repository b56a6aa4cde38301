/** Runs patterns on texts in a thread that can be ended in the middle of a match. */
const { readFileSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');

/** Ms that this thread has computed, where the system tells; what other programs do meanwhile does not count. */
function computed() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** The fastest of a few runs, in ms: other programs only ever make one slower. */
function timeOf(pattern, text, bound) {
  let least = Number.POSITIVE_INFINITY;
  // One that is only a little too slow may have had a busy machine.
  for (let i = 0; i < (least < 4 * bound ? 12 : 3) && least > bound; i++) {
    const start = computed();
    pattern.lastIndex = 0;
    if (pattern.global) for (const _ of text.matchAll(pattern));
    else pattern.exec(text);
    least = Math.min(least, computed() - start);
  }
  return least;
}

parentPort.on('message', ({ source, flags, texts, bound }) => {
  let worst = { ms: 0, text: '' };
  const pattern = new RegExp(source, flags);
  for (const text of texts) {
    parentPort.postMessage({ trying: text.slice(0, 60) });
    const ms = timeOf(pattern, text, bound);
    if (ms > worst.ms) worst = { ms, text: text.slice(0, 60) };
    // No doubt about this one.
    if (ms > 4 * bound) break;
  }
  parentPort.postMessage({ worst });
});
