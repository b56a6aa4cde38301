/** Which of the models on this machine is the best choice, and why. */
import type { ListedModel } from '../list';

type Choice = Pick<ListedModel, 'runs' | 'store' | 'size' | 'fillInTheMiddle' | 'cost'>;

/** Whoever waits longer for a first line has typed it. */
const COMFORTABLE_MS = 1500;
/** The same where the machine was not measured: a token costs the time of reading all weights. */
const COMFORTABLE_BYTES = 2e9;

/**
 * The largest that is fast enough here, before all else one that was made to fill in the middle; where none is fast enough
 * the fastest. Null where nothing but the embedded model runs.
 */
export function bestModel<T extends Choice>(models: readonly T[]): { model: T; why: string } | null {
  const able = models.filter(({ runs, store }) => runs === true && store !== 'hindsight');
  const fast = able.filter(isFast);
  const slowness = ({ cost, size }: Choice) => cost?.firstLineMs ?? size;
  const [model] = [...(fast.length > 0 ? fast : able)].sort(
    (a, b) =>
      Number(b.fillInTheMiddle) - Number(a.fillInTheMiddle) ||
      (fast.length > 0 ? b.size - a.size : slowness(a) - slowness(b)),
  );
  return model ? { model, why: whyBest(model, fast.length > 0) } : null;
}

const isFast = ({ cost, size }: Choice): boolean =>
  cost ? cost.firstLineMs <= COMFORTABLE_MS : size <= COMFORTABLE_BYTES;

function whyBest({ fillInTheMiddle, cost }: Choice, fast: boolean): string {
  const reads = fillInTheMiddle
    ? 'it reads the code on both sides of the cursor'
    : 'none here that is fast enough reads both sides of the cursor';
  if (!fast)
    return `${fillInTheMiddle ? `${reads} and ` : ''}it is the fastest of those here, all of them slow`;
  return cost
    ? `${reads}, and it is the largest that writes a first line within ${COMFORTABLE_MS / 1000} s here`
    : `${reads}, and it is small enough to be fast`;
}
