/** A process that computes with onnxruntime: `runtime-child MODEL` in its own thread, `runtime-child MODEL WORKER` in the completion worker. */
import { CompletionWorker } from '../../../server/completion/worker-client';
import { openModel } from '../../../server/model/open';

async function main([modelDir, worker]: string[]): Promise<void> {
  if (worker) {
    const completions = new CompletionWorker(worker, (message) => console.error(message));
    await completions.open({ modelDir: modelDir!, device: 'cpu', threads: 1, precision: 'float32' });
    const place = {
      document: 'file:///a.ts',
      path: 'a.ts',
      languageId: 'typescript',
      feedback: null,
      lookups: [],
    };
    await completions.complete({ ...place, prefix: 'const a = ', suffix: '\n', maxTokens: 4 });
    await completions.close();
    return;
  }
  const model = await openModel(modelDir!);
  const scorer = await model.scorer();
  await scorer.logits([5], [6, 7], null);
  await model.close();
}

void main(process.argv.slice(2));
