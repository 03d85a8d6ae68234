/** What an external guardrail is asked about: texts of a request or of an answer, in order. */
export interface GuardQuestion {
  readonly texts: readonly string[];
  readonly of: 'request' | 'response';
  readonly jobId?: string | undefined;
}

/** What it says. `texts`: what is to stand in their place, as many as were asked about. */
export interface GuardVerdict {
  /** Why it is refused, in a word; undefined where it is not. */
  readonly blocked?: string | undefined;
  readonly texts?: readonly string[] | undefined;
  /** What it found, by its own names. */
  readonly hits?: Readonly<Record<string, number>> | undefined;
}

/** A call over HTTP, before its key is added. */
export interface GuardCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
