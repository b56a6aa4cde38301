/** A server that pauses its trainer and does nothing more: for a test that kills it. Prints the trainer's process number. */
import { TrainerProcess } from '../../../../server/training/round/trainer-process';
import { TRAINER } from '../fixtures';

const trainer = new TrainerProcess(
  TRAINER,
  () => undefined,
  (why) => console.error(why),
);
trainer.pause();
console.log(trainer.pid);
setInterval(() => undefined, 1_000);
