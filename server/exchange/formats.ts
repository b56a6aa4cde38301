/**
 * The rows that other trainers read, one record a format. Prompts are raw text with the model's own tokens, as the product
 * would build them, with their ids beside: no chat template has a say in them.
 */
import type { FeedbackItem } from '../learning/feedback-text';
import type { LearningEvent } from '../store/records';

export interface BuiltPrompt {
  text: string;
  ids: number[];
}

/** What a format makes its rows from; everything is redacted already. */
export interface Exported {
  event: LearningEvent;
  prompt: BuiltPrompt;
  /** The model that also reads the feedback; null where there is none. */
  teacher: BuiltPrompt | null;
  /** What the teacher reads, as text. */
  context: string;
  /** What should stand there: behind what the prompt leaves out, with the token that ends it. Null where nobody wrote it. */
  completion: BuiltPrompt | null;
  /** What was offered, in the same form. */
  offered: BuiltPrompt;
  taken: boolean;
}

export interface ExportFormat {
  name: string;
  /** The trainer that reads it. */
  reader: string;
  row(exported: Exported): object | null;
}

const ids = ({ prompt, completion }: Exported) => ({
  prompt_ids: prompt.ids,
  ...(completion ? { completion_ids: completion.ids } : {}),
});

export const FORMATS: readonly ExportFormat[] = [
  {
    name: 'trl-sft',
    reader: "TRL's SFTTrainer: prompt and completion",
    row: (one) =>
      one.completion && {
        prompt: one.prompt.text,
        completion: one.completion.text,
        weight: one.event.weight,
        ...ids(one),
      },
  },
  {
    name: 'trl-kto',
    reader: "TRL's KTOTrainer: every offer, and whether it was taken",
    row: ({ prompt, offered, taken }) =>
      offered.text === ''
        ? null
        : {
            prompt: prompt.text,
            completion: offered.text,
            label: taken,
            prompt_ids: prompt.ids,
            completion_ids: offered.ids,
          },
  },
  ...['trl-sdft', 'trl-sdpo'].map((name) => ({
    name,
    reader: `TRL's ${name === 'trl-sdft' ? 'SDFTTrainer' : 'SDPOTrainer'}: prompt, and what its teacher reads besides`,
    row: (one: Exported) =>
      one.context === ''
        ? null
        : {
            prompt: one.prompt.text,
            privileged_context: one.context,
            ...(one.completion ? { completion: one.completion.text } : {}),
            ...(one.teacher ? { teacher_prompt: one.teacher.text, teacher_prompt_ids: one.teacher.ids } : {}),
            ...ids(one),
          },
  })),
  {
    name: 'opsd',
    reader: "ms-swift's gkd with teacher_prompt: messages for the student, a prompt for its teacher",
    row: (one) =>
      one.teacher && {
        messages: [
          { role: 'user', content: one.prompt.text },
          ...(one.completion ? [{ role: 'assistant', content: one.completion.text }] : []),
        ],
        teacher_prompt: one.teacher.text,
        teacher_prompt_ids: one.teacher.ids,
        ...ids(one),
      },
  },
];

/** The parts of the feedback that a format's teacher reads. */
export function itemsFor(format: string, items: readonly FeedbackItem[]): FeedbackItem[] {
  // SDFT's teacher reads a demonstration, and nothing else.
  return format === 'trl-sdft' ? items.filter(({ kind }) => kind === 'kept') : [...items];
}

/** For trainers that demand a chat template: it passes the text of messages through. */
export const PASS_THROUGH_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}\n";
