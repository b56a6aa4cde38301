/** The thread that reads what runs printed: hundreds of patterns on up to 4 MB are nothing for the server's event loop. */
import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../base/errors';
import { readRun } from './read-run';
import type { ReadAnswer, ReadRequest } from './types';

const port = parentPort;
if (!port) throw new Error('test-output/worker is started as a worker thread');

port.on('message', ({ id, output, isReport }: ReadRequest) => {
  let answer: ReadAnswer;
  try {
    answer = { id, report: readRun(output, isReport) };
  } catch (error) {
    answer = { id, error: errorMessage(error) };
  }
  port.postMessage(answer);
});
