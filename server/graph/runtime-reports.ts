import { isMainThread } from 'node:worker_threads';

const SWITCH = 'ORT_DISABLE_TELEMETRY';

/**
 * Keeps onnxruntime from reporting to its maker: since 1.29 its binaries for Linux and macOS send the names and sizes of models and
 * the times of runs, and leave an identifier and a queue in the user's cache folder. The library reads the variable once,
 * when it is loaded, from the process' own environment, of which a worker thread has only a copy.
 *
 * Call it before the library is loaded, and before a thread is started that loads it.
 * @throws Error in a thread whose process was not told: nothing may be loaded then
 */
export function forbidReports(): void {
  if (isMainThread) process.env[SWITCH] = '1';
  else if (process.env[SWITCH] !== '1')
    throw new Error('onnxruntime would report to its maker; call forbidReports before starting a thread');
}
