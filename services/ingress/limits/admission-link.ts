import { type Bus, publishCore, requestCore, subscribeCore } from '#bus';
import { ADMISSION_SUBJECT, ADMITTED_ALL_SUBJECT, type AdmissionCall, type AdmissionReply, admittedSubject } from '#contracts';

/** The way to whoever has the lead of admission. */
export interface AdmissionLink {
  /** May get lost. */
  send(call: AdmissionCall): void;
  /** The same, and whether anybody was there to hear it. False while the connection is away. */
  sendAndLook(call: AdmissionCall): Promise<boolean>;
  /** Returns its end. */
  listen(handler: (reply: AdmissionReply) => void): () => void;
}

/** Nobody answers such a request: who listens lets it run out of time. */
const LOOK_MS = 700;

export function createAdmissionLink(bus: Bus, ingressId: string): AdmissionLink {
  const encode = (call: AdmissionCall): Uint8Array => Buffer.from(JSON.stringify(call));
  return {
    send: (call) => publishCore(bus, ADMISSION_SUBJECT, encode(call)),
    async sendAndLook(call) {
      if (!bus.connected) return false;
      const answer = await requestCore(bus, ADMISSION_SUBJECT, encode(call), { timeoutMs: LOOK_MS });
      return answer.kind !== 'nobody' && bus.connected;
    },
    listen(handler) {
      const ends = [admittedSubject(ingressId), ADMITTED_ALL_SUBJECT].map((subject) =>
        subscribeCore(bus, subject, ({ data }) => handler(JSON.parse(Buffer.from(data).toString()) as AdmissionReply)),
      );
      return () => ends.forEach((end) => end());
    },
  };
}
