/** Makes a failing test pass: draws attempts, runs the test on each in a copy of the project, and learns from the failures. */
import type { FeedbackItem } from '../learning/feedback-text';
import type { Model } from '../model/types';
import { roundOptions } from '../training/round-options';
import { confinement, refusedWrite } from './confinement';
import { Learner, type LearnerOptions, learnerDefaults } from './learner';
import { diffOf, fileWith, type Problem, readProblem } from './problem';
import { type CommandOutput, runCommand } from './run-command';
import { failureItem, Sampler } from './sampler';
import { type Baseline, baselineOf, scoreOf } from './score';
import type { Attempt, FixJob, FixProgress, FixResult, RunScore } from './types';
import { WorkspaceCopy } from './workspace-copy';

const TEMPERATURE = 0.8;
/** Of the temperature, where most of what is drawn was drawn before. */
const WARMER = 0.15;
const MOST_TEMPERATURE = 1.4;

export interface FixParts {
  model: Model;
  progress?(progress: FixProgress): void;
  signal?: AbortSignal;
  /** Of learning, for measurements. */
  learning?: Partial<LearnerOptions>;
  /** Each attempt in the order of drawing, for measurements. */
  onAttempt?(attempt: Attempt, number: number): void;
}

/**
 * Nothing of the developer's is changed, and nothing stays behind: the copy and the adapter go at the end.
 * @throws Error with one sentence where the problem cannot be tried at all
 */
export async function fixTest(job: FixJob, parts: FixParts): Promise<FixResult> {
  const problem = readProblem(job);
  const copy = await WorkspaceCopy.of(job.root);
  const search = new Search(job, parts, problem, copy);
  try {
    return await search.run();
  } finally {
    await search.close();
    await copy.remove();
  }
}

class Search {
  private readonly began = performance.now();
  private readonly notices = new Set<string>();
  /** What each text that was run has got. */
  private readonly scores = new Map<string, RunScore>();
  private drawn = 0;
  private best: Attempt | null = null;
  private baseline!: Baseline;
  private first!: RunScore;
  private learner: Learner | null = null;
  private decoder: Awaited<ReturnType<Model['decoder']>> | null = null;
  private temperature = TEMPERATURE;

  constructor(
    private readonly job: FixJob,
    private readonly parts: FixParts,
    private readonly problem: Problem,
    private readonly copy: WorkspaceCopy,
  ) {}

  async run(): Promise<FixResult> {
    const { job, parts, problem } = this;
    if (confinement().tool === null)
      this.notices.add(
        'This system has nothing to keep the command within its copy (bubblewrap, sandbox-exec): it may write where you may.',
      );
    this.tell('runs the test as it is');
    const before = await this.tried(problem.failing);
    const baseline = baselineOf(job.command, before);
    this.baseline = baseline;
    this.first = scoreOf(job.command, before, baseline);
    if (before.exitCode === 127) throw new Error(`The command could not be run: ${lastLine(before.output)}`);
    if (before.ended === 'cancelled') return this.ended('Cancelled.', null);
    if (baseline.isGreen)
      throw new Error(
        'The command passes as it is: there is nothing to make pass. Save the file if you changed it.',
      );
    this.decoder = await parts.model.decoder();
    const sampler = new Sampler(parts.model, this.decoder, problem);
    this.learner = await this.learnerOf(sampler);
    while (this.left() > 0 && this.drawn < job.attempts && !parts.signal?.aborted) {
      const batch = await this.draw(sampler);
      const found = await this.tryAll(batch);
      if (found) return this.ended(foundMessage(found, this.drawn), found);
      if (parts.signal?.aborted || this.left() <= 0 || this.drawn >= job.attempts) break;
      this.tell('learns from what failed');
      await this.learner?.learn(batch, this.furthest());
    }
    return this.ended(this.notFound(), this.best);
  }

  private async learnerOf(sampler: Sampler): Promise<Learner | null> {
    const { strategy: objective, seed } = this.job;
    if (objective === 'none' || objective === 'retry') return null;
    const { layers } = roundOptions(1, 0, this.parts.model.parameters);
    return Learner.open(this.parts.model, sampler, {
      ...learnerDefaults,
      layers,
      objective,
      seed,
      ...this.parts.learning,
    });
  }

  private draw(sampler: Sampler): Promise<Attempt[]> {
    const { job, parts, learner } = this;
    this.tell('writes attempts');
    const last = this.best?.score?.failure || this.first.failure;
    return sampler.draw({
      count: Math.min(job.perStep, job.attempts - this.drawn),
      adapter: learner && learner.steps > 0 ? learner.adapter() : null,
      feedback: job.strategy === 'retry' ? [failureItem(last)] : [],
      temperature: this.temperature,
      seed: job.seed + this.drawn,
      signal: parts.signal,
    });
  }

  /** @returns the attempt that passes, where one does */
  private async tryAll(batch: readonly Attempt[]): Promise<Attempt | null> {
    let repeated = 0;
    for (const attempt of batch) {
      if (this.parts.signal?.aborted || this.left() <= 0) return null;
      this.drawn += 1;
      const known = this.scores.get(attempt.text);
      if (known) repeated += 1;
      if (known) attempt.score = known;
      else if (attempt.dropped === null) {
        this.tell('runs the test');
        const run = await this.tried(attempt.text);
        if (run.ended === 'cancelled') return null;
        attempt.score = this.judged(run, await this.copy.repair(this.job.file));
        this.scores.set(attempt.text, attempt.score);
      }
      this.parts.onAttempt?.(attempt, this.drawn);
      if (attempt.score && attempt.score.reward > (this.best?.score?.reward ?? -1)) this.best = attempt;
      if (attempt.score?.passed && (await this.passesAgain(attempt))) return attempt;
    }
    if (repeated > batch.length / 2) this.temperature = Math.min(MOST_TEMPERATURE, this.temperature + WARMER);
    return null;
  }

  /** A test that passes by chance is no solution. */
  private async passesAgain(attempt: Attempt): Promise<boolean> {
    const run = await this.tried(attempt.text);
    const score = this.judged(run, await this.copy.repair(this.job.file));
    if (score.passed) return true;
    const failed = { ...score, failure: score.failure || 'It passed once and failed when run again.' };
    attempt.score = failed;
    this.scores.set(attempt.text, failed);
    return false;
  }

  private async tried(text: string): Promise<CommandOutput> {
    const { job, copy } = this;
    await copy.write(job.file, fileWith(this.problem, text));
    const run = await runCommand({
      command: job.command.replaceAll(job.root, copy.root),
      cwd: copy.at(job.cwd),
      folder: copy.folder,
      readable: [job.root],
      confinement: confinement(),
      seconds: Math.max(1, Math.min(this.runSeconds(), this.left())),
      signal: this.parts.signal,
    });
    // What is printed of the copy is told of the project.
    const output = run.output.replaceAll(copy.root, job.root);
    const refused = refusedWrite(output);
    if (refused && confinement().tool)
      this.notices.add(`The command tried to write outside of its copy, which was refused: ${refused}`);
    if (run.ended === 'output') this.notices.add('The command printed more than 32 MB and was ended.');
    if (run.ended === 'time' && this.left() > 0)
      this.notices.add(`The command did not end within ${Math.round(this.runSeconds())} s and was ended.`);
    return { ...run, output };
  }

  private judged(run: CommandOutput, changedTests: readonly string[]): RunScore {
    const score = scoreOf(this.job.command, run, this.baseline);
    if (changedTests.length === 0) return score;
    const refused = `The run changed ${changedTests[0]}, a test's file.`;
    this.notices.add(`${refused} It was put back, and the attempt does not count.`);
    return { ...score, passed: false, reward: 0, failure: score.failure || refused, refused };
  }

  /** Where an attempt passes more tests than others did, the teacher reads it. */
  private furthest(): FeedbackItem | null {
    const { best, first } = this;
    if (!best?.score || (best.score.testsPassed ?? 0) <= (first.testsPassed ?? 0)) return null;
    return { kind: 'kept', text: best.text.trim() };
  }

  private notFound(): string {
    const { best, parts, job } = this;
    const tried = `${this.drawn} attempts, ${this.scores.size} of them run`;
    const why = parts.signal?.aborted
      ? 'Cancelled'
      : this.drawn < job.attempts
        ? `Not found in ${job.maxSeconds} s`
        : 'Not found';
    if (!best?.score) return `${why}: ${tried}; none could be run.`;
    const { testsPassed, tests, failure } = best.score;
    const passed = tests === null ? '' : ` passes ${testsPassed} of ${tests} tests;`;
    return `${why}: ${tried}. The closest${passed} still fails: ${lastLine(failure)}`;
  }

  private async ended(message: string, attempt: Attempt | null): Promise<FixResult> {
    const found = attempt?.score?.passed === true;
    for (const file of await this.copy.changedOriginals())
      this.notices.add(
        `${file}, a test's file, changed in the project while this ran: run the test once more before you take anything.`,
      );
    return {
      found,
      attempts: this.drawn,
      runs: this.scores.size,
      steps: this.learner?.steps ?? 0,
      seconds: (performance.now() - this.began) / 1000,
      text: attempt?.text ?? null,
      diff: attempt ? diffOf(this.problem, attempt.text) : '',
      score: attempt?.score ?? null,
      failing: { text: this.problem.failing, failure: this.first?.failure ?? '' },
      message,
      notices: [...this.notices],
    };
  }

  /** One run that hangs must not take all the time. */
  private runSeconds(): number {
    return Math.min(this.job.runSeconds, this.job.maxSeconds / 4);
  }

  private left(): number {
    return this.job.maxSeconds - (performance.now() - this.began) / 1000;
  }

  private tell(message: string): void {
    const { testsPassed, tests } = this.best?.score ?? this.first ?? { testsPassed: null, tests: null };
    this.parts.progress?.({
      attempts: this.drawn,
      of: this.job.attempts,
      runs: this.scores.size,
      testsPassed,
      tests,
      message,
    });
  }

  async close(): Promise<void> {
    await this.learner?.close();
    await this.decoder?.close();
  }
}

function foundMessage({ score }: Attempt, drawn: number): string {
  const { tests } = score!;
  const which =
    tests === null ? 'the command passes' : tests === 1 ? 'the test passes' : `all ${tests} tests pass`;
  return `Found at attempt ${drawn}: ${which}.`;
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? 'nothing was printed.').trim().slice(0, 200);
}
