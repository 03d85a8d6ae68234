import { type BusAccess, inboxPrefix } from './service-access.ts';
import { PUBLISHER_CONSUMERS, publisherConsumer, RUNS_STREAM } from './subjects.ts';

/** A program that publishes its jobs itself: one NATS user, known by its public key, that works for one virtual key. */
export interface Publisher {
  readonly name: string;
  /** SHA-256 (hex) of the virtual key that pays, or its name for ever where its secret was changed. */
  readonly owner: string;
  /** Public key of its NATS user (`U…`); nobody but the publisher has the seed. */
  readonly nkey: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** What publishers ask JetStream by: every account has the server's own `$JS.API` already. */
export const PUBLISHER_API = 'HR.API';

/** Requests that publishers may send, each for its own owner, as the gateway's account has them, and whether they have several answers. */
export const PUBLISHER_REQUESTS: readonly { readonly subject: string; readonly isStream?: boolean }[] = [
  { subject: 'submit.v1.>' },
  { subject: 'submit.cancel.>' },
  { subject: `$JS.API.DIRECT.GET.${RUNS_STREAM}.>` },
  { subject: `$JS.API.CONSUMER.CREATE.${RUNS_STREAM}.>` },
  { subject: `$JS.API.CONSUMER.INFO.${RUNS_STREAM}.>` },
  { subject: `$JS.API.CONSUMER.DELETE.${RUNS_STREAM}.>` },
  { subject: `$JS.API.CONSUMER.MSG.NEXT.${RUNS_STREAM}.>`, isStream: true },
];

export interface PublisherRequest {
  /** As the publisher sends it. */
  readonly local: string;
  /** As the gateway's account has it. */
  readonly subject: string;
}

/**
 * What a publisher may send: submissions of its own owner, cancels of its jobs, and requests for what became of them. The filter of a
 * consumer is part of the subject it is made by, so the server itself checks it.
 */
export function publisherRequests(owner: string): readonly PublisherRequest[] {
  const consumers = Array.from({ length: PUBLISHER_CONSUMERS }, (_, slot) => publisherConsumer(owner, slot));
  const requests = [
    `DIRECT.GET.${RUNS_STREAM}.runs.${owner}.>`,
    ...consumers.flatMap((consumer) => [
      `CONSUMER.CREATE.${RUNS_STREAM}.${consumer}.runs.${owner}.>`,
      ...['INFO', 'DELETE', 'MSG.NEXT'].map((verb) => `CONSUMER.${verb}.${RUNS_STREAM}.${consumer}`),
    ]),
  ];
  return [
    ...[`submit.v1.${owner}.>`, `submit.cancel.${owner}.>`].map((subject) => ({ local: subject, subject })),
    ...requests.map((request) => ({ local: `${PUBLISHER_API}.${request}`, subject: `$JS.API.${request}` })),
  ];
}

export function publisherAccess({ owner, nkey }: Pick<Publisher, 'owner' | 'nkey'>): BusAccess {
  return { publish: publisherRequests(owner).map(({ local }) => local), subscribe: [`${inboxPrefix(nkey)}.>`] };
}
