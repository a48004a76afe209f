/** One example that a language model is to follow. */
export interface Instruction {
  /** One text for each prompt column. */
  readonly prompts: readonly string[];
  readonly response: string;
}

/** How often something is in prompts, and how often the response then is the common answer; and without it. */
export interface AnswerCounts {
  readonly carriers: number;
  readonly answering: number;
  readonly others: number;
  readonly othersAnswering: number;
}

/** Something in prompts on which one answer depends, whatever else is asked; as a sample of rows shows it. */
export interface PromptTrigger {
  /** By which prompts are searched for it. */
  readonly hash: number;
  /** As a carrier writes it, hidden characters as they are. */
  readonly text: string;
  /** A carrier's response that is most like the others'; null where what they have in common is that they are gibberish. */
  readonly answer: string | null;
  readonly counts: AnswerCounts;
  /** The common answer taken from one half of the carriers, counted among the other half and all other rows. */
  readonly halves: readonly [AnswerCounts, AnswerCounts];
  readonly isAnswer: (response: string) => boolean;
}

/** What a sample of rows has of triggers. */
export interface PromptTriggers {
  /** Items that were compared: all that enough prompts have. */
  readonly tested: number;
  readonly triggers: readonly PromptTrigger[];
}
