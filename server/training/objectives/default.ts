import { EVERYTHING } from '../../learning/contexts';
import type { Objective } from '../types';
import { COPY, FORWARD } from './terms';

/**
 * What the product does: cross-entropy with a strong anchor where the developer's text is known; where there is none to
 * copy, the teacher's answers are copied, or forward KL from the teacher that reads the feedback where it has none.
 */
export const byDefault: Objective = {
  name: 'default',
  withText: COPY,
  withoutText: FORWARD,
  withAnswer: COPY,
  context: EVERYTHING,
  anchor: 4,
  learningRate: 2e-3,
};
