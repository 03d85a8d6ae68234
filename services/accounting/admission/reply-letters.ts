import type { AdmissionAnswer, AdmissionReply, Refusal } from '#contracts';

/** What is said to ingresses, gathered so that each gets one message. */
export interface ReplyLetters {
  answer(ingress: string, answer: AdmissionAnswer): void;
  stop(ingress: string, job: string, refusal: Refusal): void;
  flush(): void;
}

export interface LetterOptions {
  readonly epoch: number;
  readonly send: (ingress: string, reply: AdmissionReply) => void;
  /** Whether this process leads and nobody else can. */
  readonly isFresh: () => boolean;
}

interface Letter {
  readonly answers: AdmissionAnswer[];
  readonly stops: { readonly job: string; readonly refusal: Refusal }[];
}

export function createReplyLetters({ epoch, send, isFresh }: LetterOptions): ReplyLetters {
  const letters = new Map<string, Letter>();
  const letterTo = (ingress: string): Letter => {
    const known = letters.get(ingress);
    if (known !== undefined) return known;
    const made: Letter = { answers: [], stops: [] };
    letters.set(ingress, made);
    return made;
  };
  return {
    answer: (ingress, answer) => void letterTo(ingress).answers.push(answer),
    stop: (ingress, job, refusal) => void letterTo(ingress).stops.push({ job, refusal }),
    flush() {
      // whoever asked asks again, and is told the same by whoever leads then
      if (!isFresh()) return letters.clear();
      for (const [ingress, { answers, stops }] of letters) {
        if (answers.length > 0) send(ingress, { type: 'answers', epoch, answers });
        if (stops.length > 0) send(ingress, { type: 'stop', epoch, jobs: stops });
      }
      letters.clear();
    },
  };
}
