/** Runs a model folder on given cases and collects what its logits, losses, gradients and optimiser steps come out as. */
import { logSoftmaxRows, topIdsOfRows } from '../../base/logits';
import { adapterModules, type LoraFactors, tensorName } from '../../model/adapter';
import { linearModules } from '../../model/architectures/linear-modules';
import { ModelError } from '../../model/errors';
import { loadAdapter } from '../../model/files/peft';
import { readHeader, readIntegers, type TensorToWrite } from '../../model/files/safetensors';
import type { FolderModel } from '../../model/open';
import { AdamW } from '../../model/runtime/adamw';
import { type GradientRow, GradientSession, type Term } from '../../model/runtime/gradient-session';
import { checkIds } from '../../model/runtime/scorer';
import type { AdamWOptions, Adapter } from '../../model/types';

export interface Cases {
  longIds: number[];
  /** What the adapter is tried with; absent where the file holds nothing but `long_ids`. */
  adapted?: AdaptedCases;
}

export interface AdaptedCases {
  promptIds: number[];
  teacherPromptIds: number[];
  responseIds: number[];
}

/** Settings of the optimiser steps, and how many tokens the greedy continuation has. */
export const checkSettings = {
  optimizer: {
    learningRate: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
    maxGradNorm: 1,
  } satisfies AdamWOptions,
  greedyTokens: 24,
  topK: 20,
};

export interface CheckResult {
  /** Named as in the reference cases. */
  tensors: Map<string, TensorToWrite>;
  losses: Record<string, number>;
}

/** Each loss: its term of the kernel, and whose top K is the support where there is one. */
const losses: Record<string, { term: Term; support: 'full' | 'teacher' | 'student' }> = {
  cross_entropy: { term: 'ce', support: 'full' },
  forward_kl: { term: 'forward', support: 'full' },
  reverse_kl: { term: 'reverse', support: 'full' },
  'jsd_0.5': { term: 'jsd', support: 'full' },
  forward_kl_top20_tail: { term: 'forward', support: 'teacher' },
  reverse_kl_top20_tail: { term: 'reverse', support: 'student' },
};

/** Reads `long_ids`, and `prompt_ids`, `teacher_prompt_ids` and `response_ids` unless it holds none of them. @throws ModelError when one is missing or empty */
export function readCases(path: string, vocabularySize: number): Cases {
  const { tensors } = readHeader(path);
  const read = (name: string) => {
    const t = tensors.get(name);
    if (!t) throw new ModelError(`${path} lacks the tensor ${name}: it is no file of cases.`);
    const ids = readIntegers(t);
    if (ids.length === 0) throw new ModelError(`${path}: the tensor ${name} is empty.`);
    checkIds(ids, vocabularySize);
    return ids;
  };
  const longIds = read('long_ids');
  if (!['prompt_ids', 'teacher_prompt_ids', 'response_ids'].some((name) => tensors.has(name)))
    return { longIds };
  const adapted = {
    promptIds: read('prompt_ids'),
    teacherPromptIds: read('teacher_prompt_ids'),
    responseIds: read('response_ids'),
  };
  return { longIds, adapted };
}

/**
/**
 * The logits of `longIds`; and where there are further cases forward passes, greedy text, six losses with their gradients,
 * and five AdamW steps on the forward KL, for the adapter in the `adapter/` beside the model.
 *
 * @param positions where the adapter acts, whatever its file says
 */
export async function runCases(
  model: FolderModel,
  cases: Cases,
  positions?: 'all' | 'response',
): Promise<CheckResult> {
  const vocabulary = model.parts.config.vocabularySize;
  const tensors: CheckResult['tensors'] = new Map();
  const { longIds, adapted } = cases;
  const scorer = await model.scorer();
  const put = (name: string, data: Float32Array) =>
    tensors.set(name, { shape: [data.length / vocabulary, vocabulary], data });
  // Every position's logits: the first token is the prompt, and a last one that is never read stands for the end.
  const shifted = [...longIds.slice(1), 0];
  put('long_logits', await scorer.logits(longIds.slice(0, 1), shifted, null));
  if (!adapted) {
    await scorer.close();
    return { tensors, losses: {} };
  }
  const { promptIds, teacherPromptIds, responseIds } = adapted;
  const { positions: own, ...stored } = loadAdapter(model.adapterFolder);
  const adapter = (positions ?? own) === 'response' ? { ...stored, positions: 'response' as const } : stored;
  put('long_logits_adapter', await scorer.logits(longIds.slice(0, 1), shifted, adapter));
  const student = await scorer.logits(promptIds, responseIds, adapter);
  const teacher = await scorer.logits(teacherPromptIds, responseIds, null);
  put('student_logits', student);
  put('teacher_logits', teacher);
  await scorer.close();
  tensors.set('greedy_ids', await greedy(model, promptIds));
  const values = await trainCases(model, adapter, { cases: adapted, student, teacher }, tensors);
  return { tensors, losses: values };
}

async function greedy(model: FolderModel, prompt: number[]): Promise<TensorToWrite> {
  const decoder = await model.decoder();
  const { ids } = await decoder.generate({ prompt, maxTokens: checkSettings.greedyTokens, stopIds: [] });
  await decoder.close();
  return { shape: [ids.length], data: BigInt64Array.from(ids, BigInt) };
}

async function trainCases(
  model: FolderModel,
  adapter: Adapter,
  given: { cases: AdaptedCases; student: Float32Array; teacher: Float32Array },
  tensors: CheckResult['tensors'],
): Promise<Record<string, number>> {
  const all = linearModules(model.parts.config);
  const factors = adapterModules(adapter, all, model.adapterFolder);
  const targets = all.filter((m) => factors.has(m.name));
  const full = await GradientSession.create(model.parts, targets, 'full', adapter.positions);
  const tail = await GradientSession.create(model.parts, targets, 'tail', adapter.positions);
  const values: Record<string, number> = {};
  for (const [loss, { term, support }] of Object.entries(losses)) {
    const { row, k } = caseRow(model, term, support, given);
    const session = support === 'full' ? full : tail;
    const { losses: out, gradients } = await session.run([row], factors, k);
    values[loss] = out[0]![term].reduce((sum, x) => sum + x, 0) / row.response.length;
    for (const [name, data] of gradients) {
      tensors.set(`grad.${loss}.${name}`, { shape: adapter.tensors.get(name)!.shape, data });
    }
  }
  const { row } = caseRow(model, 'forward', 'full', given);
  Object.assign(values, await optimizerSteps(full, row, { adapter, factors }, tensors));
  await full.close();
  await tail.close();
  return values;
}

function caseRow(
  model: FolderModel,
  term: Term,
  support: 'full' | 'teacher' | 'student',
  given: { cases: AdaptedCases; student: Float32Array; teacher: Float32Array },
): { row: GradientRow; k: number } {
  const { promptIds: prompt, responseIds: response } = given.cases;
  const vocabulary = model.parts.config.vocabularySize;
  const weights = { [term]: new Float32Array(response.length).fill(1 / response.length) };
  const teacher = logSoftmaxRows(given.teacher, vocabulary);
  if (support === 'full') return { row: { prompt, response, weights, teacher: { logProbs: teacher } }, k: 1 };
  const k = Math.min(checkSettings.topK, vocabulary);
  const ids = topIdsOfRows(support === 'teacher' ? given.teacher : given.student, vocabulary, k);
  const logProbs = Float32Array.from(ids, (id, i) => teacher[Math.floor(i / k) * vocabulary + id]!);
  return { row: { prompt, response, weights, teacher: { logProbs, ids } }, k };
}

async function optimizerSteps(
  session: GradientSession,
  row: GradientRow,
  start: { adapter: Adapter; factors: ReadonlyMap<string, LoraFactors> },
  tensors: CheckResult['tensors'],
): Promise<Record<string, number>> {
  const factors = new Map(
    [...start.factors].map(([module, f]) => [module, { ...f, a: f.a.slice(), b: f.b.slice() }]),
  );
  const parameters = new Map<string, Float32Array>();
  for (const [module, f] of factors) {
    parameters.set(tensorName(module, 'A'), f.a);
    parameters.set(tensorName(module, 'B'), f.b);
  }
  const optimizer = new AdamW();
  const values: Record<string, number> = {};
  for (let step = 1; step <= 5; step++) {
    const { gradients } = await session.run([row], factors, 1);
    values[`grad_norm_step${step}`] = optimizer.update(
      parameters,
      gradients,
      checkSettings.optimizer,
    ).gradNorm;
    if (step !== 1 && step !== 5) continue;
    for (const [name, data] of parameters) {
      tensors.set(`adamw${step}.${name}`, {
        shape: start.adapter.tensors.get(name)!.shape,
        data: data.slice(),
      });
    }
  }
  const { losses: after } = await session.run([row], factors, 1);
  values.forward_kl_after_5_steps = after[0]!.forward.reduce((sum, x) => sum + x, 0) / row.response.length;
  return values;
}
