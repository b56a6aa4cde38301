/** The terms of the objective, as records are put together from them. */
import type { Terms } from '../types';

export const NOTHING: Terms = { keptForward: 0, onPolicy: 0, onPolicyKind: 'forward', crossEntropy: 0 };

/** Cross-entropy on the text that was kept. */
export const COPY: Terms = { ...NOTHING, crossEntropy: 1 };

/** Forward KL from the teacher, on samples. */
export const FORWARD: Terms = { ...NOTHING, onPolicy: 1 };
