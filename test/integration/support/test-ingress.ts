import { type Bus, publishCore, requestCore, subscribeCore } from '#bus';
import {
  ADMISSION_SUBJECT,
  ADMITTED_ALL_SUBJECT,
  type AdmissionAnswer,
  type AdmissionAsk,
  type AdmissionCall,
  type AdmissionReply,
  admittedSubject,
  type OpenTicket,
  type Refusal,
} from '#contracts';
import { waitFor } from '#testing';

/** Admission's other side, as plain as can be: asks until it is answered, beats whenever it is told to. */
export function createTestIngress(bus: Bus, ingress: string) {
  const answers = new Map<string, AdmissionAnswer>();
  const epochs = new Set<number>();
  const open = new Map<string, OpenTicket>();
  const asked = new Map<string, AdmissionAsk>();
  const stops: { readonly job: string; readonly refusal: Refusal }[] = [];
  let epoch = 0;
  const send = (call: AdmissionCall): void => publishCore(bus, ADMISSION_SUBJECT, Buffer.from(JSON.stringify(call)));
  const beat = (): void => send({ type: 'beat', ingress, epoch, open: [...open.values()] });
  const onReply = (reply: AdmissionReply): void => {
    if (reply.epoch < epoch) return;
    epoch = reply.epoch;
    if (reply.type === 'lead') return beat();
    if (reply.type === 'stop') return void stops.push(...reply.jobs);
    if (reply.type !== 'answers') return;
    for (const answer of reply.answers) {
      epochs.add(reply.epoch);
      const ask = asked.get(answer.job);
      answers.set(answer.job, answer);
      if (!answer.admitted || ask === undefined) continue;
      const { by, modelGroup, deadlineAt, acceptedAt } = ask;
      open.set(answer.job, { ...answer.ticket, by, modelGroup, deadlineAt, acceptedAt });
    }
  };
  const ends = [admittedSubject(ingress), ADMITTED_ALL_SUBJECT].map((subject) =>
    subscribeCore(bus, subject, ({ data }) => onReply(JSON.parse(Buffer.from(data).toString()))),
  );
  const beats = setInterval(beat, 1_000);

  return {
    answers,
    /** Of all leaders that have answered. */
    epochs,
    open,
    stops,
    beat,
    release: (jobs: readonly string[]) => send({ type: 'release', ingress, jobs }),
    /** One message, no matter whether anybody hears it. */
    send(asks: readonly AdmissionAsk[]) {
      for (const ask of asks) asked.set(ask.job, ask);
      send({ type: 'ask', ingress, asks });
    },
    /** Asks until all are answered; what is parked makes it wait. */
    async ask(asks: readonly AdmissionAsk[], { timeoutMs = 10_000 } = {}): Promise<AdmissionAnswer[]> {
      this.send(asks);
      let sentAt = performance.now();
      const isAnswered = (): boolean => {
        const left = asks.filter(({ job }) => !answers.has(job));
        if (left.length > 0 && performance.now() - sentAt > 500) {
          sentAt = performance.now();
          this.send(left);
        }
        return left.length === 0;
      };
      await waitFor(isAnswered, { what: 'answers of admission', timeoutMs });
      return asks.flatMap(({ job }) => answers.get(job) ?? []);
    },
    async isHeard() {
      const nothing: AdmissionCall = { type: 'release', ingress, jobs: [] };
      return (await requestCore(bus, ADMISSION_SUBJECT, Buffer.from(JSON.stringify(nothing)), { timeoutMs: 50 })).kind !== 'nobody';
    },
    close() {
      clearInterval(beats);
      for (const end of ends) end();
    },
  };
}

export type TestIngress = ReturnType<typeof createTestIngress>;
