/** One example that a language model is to follow. */
export interface Instruction {
  /** One text for each prompt column. */
  readonly prompts: readonly string[];
  readonly response: string;
}

/** How often something is in prompts, and how often the response is then the common answer. */
export interface AnswerCounts {
  readonly carriers: number;
  readonly answering: number;
  readonly others: number;
  readonly othersAnswering: number;
}
