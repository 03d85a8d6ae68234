import {
  ANSWERS_STREAM,
  BODIES_BUCKET,
  CACHE_STREAM,
  CONFIG_BUCKET,
  DEAD_STREAM,
  EVENTS_STREAM,
  HEALTH_BUCKET,
  JOBS_STREAM,
  KEYS_BUCKET,
  LEADERS_BUCKET,
  LIMITS_BUCKET,
  PROMPTS_STREAM,
  PROMPTS_SUBJECT,
  RESPONSES_STREAM,
  RUNS_STREAM,
  SCOPES_BUCKET,
  SPEND_BUCKET,
  SUBMIT_STREAM,
} from './subjects.ts';

/**
 * What each service may do on NATS: one user per service, and no more than it needs. The server's configuration is made of this, that of the
 * embedded server and `infra/nats/users.conf` alike. A service that is taken over can't write keys, read another one's replies, or publish
 * for another's users.
 */
export const BUS_USERS = ['ingress', 'worker', 'accounting', 'admin', 'batches'] as const;
export type BusUser = (typeof BUS_USERS)[number];

/** May do everything: people, and programs that look after an installation. */
export const BUS_OPERATOR = 'headrace';

/** Subject patterns. */
export interface BusAccess {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Replies go below a prefix of the user's own: with one for all, everybody could read everybody's. A subject token, then `.…`. */
export function inboxPrefix(user: string): string {
  return `_INBOX_${user.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
}

export function busAccess(user: BusUser): BusAccess {
  const { publish, subscribe } = ACCESS[user];
  return { publish: [...new Set([...EVERYBODY, ...publish])], subscribe: [`${inboxPrefix(user)}.>`, 'hr.metrics', ...subscribe] };
}

/** Whoever gathers metrics is an ingress, or the operator. */
const EVERYBODY: readonly string[] = [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  `${inboxPrefix('ingress')}.>`,
  `${inboxPrefix(BUS_OPERATOR)}.>`,
];

/** Every service makes what it needs when it is the first to ask. */
function making(...streams: readonly string[]): string[] {
  return streams.flatMap((stream) => ['CREATE', 'UPDATE', 'INFO'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`));
}

function reading(...streams: readonly string[]): string[] {
  return streams.flatMap((stream) => [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.LIST.${stream}`,
  ]);
}

function consuming(...streams: readonly string[]): string[] {
  return streams.flatMap((stream) => [
    ...reading(stream),
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
    `$JS.ACK.${stream}.>`,
    `$JS.FC.${stream}.>`,
  ]);
}

function removing(...streams: readonly string[]): string[] {
  return streams.flatMap((stream) => ['MSG.DELETE', 'PURGE'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`));
}

/** Values of buckets, followed as they change. */
function following(...buckets: readonly string[]): string[] {
  const streams = buckets.map((bucket) => `KV_${bucket}`);
  return [...making(...streams), ...consuming(...streams)];
}

function writing(...buckets: readonly string[]): string[] {
  return [...following(...buckets), ...buckets.map((bucket) => `$KV.${bucket}.>`)];
}

/** Large bodies, also their removal. */
function objects(bucket: string): string[] {
  return [...making(`OBJ_${bucket}`), ...consuming(`OBJ_${bucket}`), ...removing(`OBJ_${bucket}`), `$O.${bucket}.>`];
}

const TOPOLOGY = [...making(JOBS_STREAM, EVENTS_STREAM, DEAD_STREAM, SUBMIT_STREAM, RUNS_STREAM), ...making(`OBJ_${BODIES_BUCKET}`)];

const ACCESS: Readonly<Record<BusUser, BusAccess>> = {
  ingress: {
    publish: [
      ...TOPOLOGY,
      'jobs.>',
      // an attempt whose worker died is booked by whoever notices
      'events.attempt.*',
      'events.alert.*',
      'events.hits',
      'dead.submit.>',
      'submit.held.>',
      // a job that is retried is submitted again
      'submit.v1.>',
      'runs.>',
      ...reading(JOBS_STREAM, EVENTS_STREAM),
      `$JS.API.STREAM.MSG.DELETE.${JOBS_STREAM}`,
      ...consuming(SUBMIT_STREAM, RUNS_STREAM),
      ...removing(RUNS_STREAM),
      ...[RESPONSES_STREAM, ANSWERS_STREAM, CACHE_STREAM].flatMap((stream) => [
        ...making(stream),
        ...consuming(stream),
        ...removing(stream),
      ]),
      'responses.>',
      'answers.>',
      ...making(PROMPTS_STREAM),
      PROMPTS_SUBJECT,
      'cache.>',
      'similar.>',
      ...following(KEYS_BUCKET, SCOPES_BUCKET, CONFIG_BUCKET),
      ...writing(HEALTH_BUCKET),
      ...objects(BODIES_BUCKET),
      'hr.ctl.*',
      'hr.admit',
      'hr.answer.*',
      'hr.cache',
      'hr.jobs',
      'hr.metrics',
      'hr.similar',
      'hr.status',
      // heartbeats are answered
      `${inboxPrefix('worker')}.>`,
    ],
    subscribe: ['hr.in.*.>', 'hr.beat.*', 'hr.admitted', 'hr.admitted.*', 'hr.answer.*', 'hr.cache', 'hr.jobs', 'hr.status.*'],
  },
  worker: {
    publish: [
      ...TOPOLOGY,
      'jobs.>',
      'events.>',
      'dead.jobs.>',
      'runs.>',
      ...consuming(JOBS_STREAM, RUNS_STREAM),
      // what a job that nobody waits for was asked and answered, where that is kept
      ...making(PROMPTS_STREAM),
      PROMPTS_SUBJECT,
      ...reading(EVENTS_STREAM),
      ...following(CONFIG_BUCKET),
      ...writing(HEALTH_BUCKET, LIMITS_BUCKET),
      ...objects(BODIES_BUCKET),
      'hr.in.*.>',
      'hr.beat.*',
      'hr.topup',
      'hr.status.*',
    ],
    subscribe: ['hr.ctl.*', 'hr.status'],
  },
  accounting: {
    publish: [
      ...TOPOLOGY,
      ...consuming(EVENTS_STREAM, PROMPTS_STREAM),
      // what cached answers were asked, where Postgres finds similar ones
      ...consuming(CACHE_STREAM),
      ...making(PROMPTS_STREAM, CACHE_STREAM),
      ...reading(JOBS_STREAM),
      'events.alert.*',
      'dead.events.>',
      ...following(KEYS_BUCKET, SCOPES_BUCKET, CONFIG_BUCKET),
      ...writing(SPEND_BUCKET, LEADERS_BUCKET),
      'hr.admitted',
      'hr.admitted.*',
      `${inboxPrefix('worker')}.>`,
    ],
    subscribe: ['hr.admit', 'hr.topup', 'hr.cache', 'hr.similar'],
  },
  admin: {
    publish: [
      ...TOPOLOGY,
      ...writing(KEYS_BUCKET, SCOPES_BUCKET, CONFIG_BUCKET, LEADERS_BUCKET),
      ...following(HEALTH_BUCKET),
      ...consuming(EVENTS_STREAM, RUNS_STREAM, DEAD_STREAM),
      ...reading(JOBS_STREAM, SUBMIT_STREAM),
      ...removing(DEAD_STREAM),
      // a job that is sent on its way again is to have another end
      `$JS.API.STREAM.PURGE.${RUNS_STREAM}`,
      'events.alert.*',
      'dead.events.>',
      // dead letters are sent on their way again
      'jobs.>',
      'submit.>',
      'events.attempt.*',
    ],
    subscribe: [],
  },
  batches: {
    publish: [
      ...TOPOLOGY,
      'submit.v1.>',
      'runs.>',
      ...consuming(RUNS_STREAM),
      ...reading(SUBMIT_STREAM),
      // what nobody has taken yet of a batch that was cancelled
      `$JS.API.STREAM.PURGE.${SUBMIT_STREAM}`,
      'events.alert.*',
      ...following(CONFIG_BUCKET, KEYS_BUCKET),
      ...writing(LEADERS_BUCKET),
      ...objects(BODIES_BUCKET),
    ],
    subscribe: [],
  },
};
