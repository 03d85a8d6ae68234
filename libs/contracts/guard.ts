/** How a guardrail ended: `failed` could not be asked, and the request went on; `repaired`: the answer has its schema now, and had not at first. */
export const GUARD_OUTCOMES = ['passed', 'repaired', 'masked', 'blocked', 'failed', 'logged'] as const;
export type GuardOutcome = (typeof GUARD_OUTCOMES)[number];

/** What a guardrail did with a request or its answer: a record without any text of it. */
export interface GuardResult {
  readonly name: string;
  /** `pre_call`, `during_call`, `post_call`, `logging_only`. */
  readonly hook: string;
  readonly outcome: GuardOutcome;
  /** Category → how often it was found. */
  readonly hits?: Readonly<Record<string, number>> | undefined;
  readonly ms?: number | undefined;
}

/** An answer without the schema that was asked for, and what is wrong with it, for the model that is asked once more. */
export interface AnswerRepair {
  readonly answer: string;
  readonly fault: string;
}

/** What the guardrails of a job are, where its worker has something to do for them. */
export interface JobGuard {
  /** Those that its worker runs, by name. */
  readonly names?: readonly string[] | undefined;
  /** Placeholder → what it stands for, to be put back in the answer. */
  readonly hidden?: Readonly<Record<string, string>> | undefined;
  /** What ran before the job was made. */
  readonly results?: readonly GuardResult[] | undefined;
}
