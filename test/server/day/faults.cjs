/**
 * Loaded before everything else in the server, its threads and the trainer (NODE_OPTIONS): counts calls of the file system
 * below one folder and messages between threads and processes, and lets one of them go wrong. HINDSIGHT_FAULT holds
 * `{ folder, counts, role, kind, at, code }`; counts go into files of the folder `counts`, one for each process and thread.
 */
const fs = require('node:fs');
const { basename, join } = require('node:path');
const threads = require('node:worker_threads');
const { ChildProcess } = require('node:child_process');

const plan = JSON.parse(process.env.HINDSIGHT_FAULT ?? 'null');
if (plan) watch(plan);

function watch({ folder, counts, role, kind, at, code }) {
  const program = basename(process.argv[1] ?? '').replace(/\.[cm]?js$/, '');
  const own = threads.isMainThread ? program : 'thread';
  const write = { open: fs.openSync, write: fs.writeSync };
  const sums = {};
  /** Counts one more; whether it is the one that goes wrong. */
  const isHit = (what) => {
    sums[what] ??= {
      n: 0,
      file: write.open(join(counts, `${own} ${what} ${process.pid}-${threads.threadId}`), 'w'),
    };
    const sum = sums[what];
    write.write(sum.file, String(++sum.n), 0);
    return own === role && what === kind && sum.n === at;
  };
  const failure = (path) => Object.assign(new Error(`${code}: a fault, ${path}`), { code, path });
  const isOurs = (path) => typeof path === 'string' && path.startsWith(folder);

  const NAMES =
    'open readFile writeFile appendFile mkdir rm rmdir unlink rename stat lstat readdir copyFile access realpath truncate';
  for (const name of NAMES.split(' ')) {
    const [sync, later, promised] = [fs[`${name}Sync`], fs[name], fs.promises[name]];
    fs[`${name}Sync`] = Object.assign(function (path, ...rest) {
      if (isOurs(path) && isHit('files')) throw failure(path);
      return sync.call(this, path, ...rest);
    }, sync);
    fs[name] = Object.assign(function (path, ...rest) {
      if (!isOurs(path) || !isHit('files')) return later.call(this, path, ...rest);
      process.nextTick(rest.at(-1), failure(path));
    }, later);
    fs.promises[name] = async function (path, ...rest) {
      if (isOurs(path) && isHit('files')) throw failure(path);
      return promised.call(this, path, ...rest);
    };
  }

  // A message that is lost is lost with who would have sent or read it: that one ends.
  const { postMessage, emit } = threads.Worker.prototype;
  threads.Worker.prototype.postMessage = function (...values) {
    if (!isHit('to a thread')) return postMessage.apply(this, values);
    void this.terminate();
  };
  threads.Worker.prototype.emit = function (event, ...values) {
    if (event !== 'message' || !isHit('from a thread')) return emit.call(this, event, ...values);
    void this.terminate();
    return true;
  };
  const child = { send: ChildProcess.prototype.send, emit: ChildProcess.prototype.emit };
  ChildProcess.prototype.emit = function (event, ...values) {
    if (event !== 'message' || !isHit('from a process')) return child.emit.call(this, event, ...values);
    this.kill('SIGKILL');
    return true;
  };
}
