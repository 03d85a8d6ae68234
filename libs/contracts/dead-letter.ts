/**
 * What could not be worked off: messages of the stream `DEAD`, subjects by `deadJobSubject`, `deadEventSubject` and `deadSubmissionSubject`.
 * Data and headers are the message's own; the headers below say what is wrong with it and where it came from.
 */
export const DEAD_LETTER_HEADERS = {
  error: 'Headrace-Error',
  /** Absent for jobs: theirs is in `Headrace-Job`. */
  subject: 'Headrace-Subject',
  streamSeq: 'Headrace-Stream-Seq',
} as const;

/**
 * job         was delivered five times without an outcome, or can't be read
 * event       what an attempt cost, refused by the ledger
 * alert       could not be read, or was not taken by its receiver for as long as it was tried
 * submission  a program's own message that is no job
 */
export const DEAD_KINDS = ['job', 'event', 'alert', 'submission'] as const;
export type DeadKind = (typeof DEAD_KINDS)[number];

const FILTERS: Readonly<Record<DeadKind, string>> = {
  job: 'dead.jobs.>',
  event: 'dead.events.attempt',
  alert: 'dead.events.alert',
  submission: 'dead.submit.>',
};

/** Who tells of arrivals. */
export const DEAD_LETTERS_CONSUMER = 'dead-letters';

/** The subjects of one kind, or of all. */
export function deadFilter(kind: DeadKind | undefined): string {
  return kind === undefined ? 'dead.>' : FILTERS[kind];
}

export function deadKind(subject: string): DeadKind {
  if (subject.startsWith('dead.jobs.')) return 'job';
  if (subject.startsWith('dead.submit.')) return 'submission';
  return subject === FILTERS.alert ? 'alert' : 'event';
}
