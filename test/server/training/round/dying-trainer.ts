/** A trainer that the system kills in mid-round, as it does when memory runs out. */
import type { ToTrainer } from '../../../../server/training/types';

process.on('message', (message: ToTrainer) => {
  if (message.type === 'open') process.send?.({ type: 'opened', modelHash: 'x', name: 'x', device: 'cpu' });
  else if (message.type === 'train') process.kill(process.pid, 'SIGKILL');
});
