import type { ExternalRule, GuardrailRule, GuardrailSettings } from '#config';
import type { ClientDialect } from '#contracts';
import type { StreamDecoder, StreamStep } from '#dialects';
import { AnswerGuard, type AnswerGuardInput } from '../answer-guard.ts';
import { compileGuardrails } from '../compile-guardrails.ts';
import { guardStream } from './guard-stream.ts';

/** A decoder that gives the events it is fed. */
function relaying(): StreamDecoder {
  const step = (bytes: Uint8Array | undefined, done: boolean): StreamStep => ({ bytes, hasContent: true, done, error: undefined });
  return {
    push: (chunk) => step(chunk, false),
    end: () => step(new Uint8Array(0), true),
    usage: undefined,
    finishReason: undefined,
    producedText: '',
  };
}

const settings = (rule: GuardrailRule, at: number): GuardrailSettings => ({
  name: at === 0 ? 'g' : `g${at}`,
  type: rule.kind,
  hooks: ['post_call'],
  defaultOn: true,
  failOpen: false,
  rule,
});

export const EXTERNAL: ExternalRule = {
  kind: 'external',
  service: 'generic_guardrail_api',
  url: 'https://guard.example',
  apiKey: undefined,
  timeoutMs: 1_000,
  headers: {},
  options: {},
  entities: undefined,
};

export interface Guarding {
  readonly dialect: ClientDialect;
  readonly rules: readonly GuardrailRule[];
  readonly hidden?: Record<string, string> | undefined;
  /** Of external guardrails. */
  readonly ask?: AnswerGuardInput['tools']['ask'];
}

/** Events as they leave the guardrails of a stream, before one that was kept back is judged whole. */
export function guardEvents(events: readonly unknown[], { dialect, rules, hidden, ask = () => Promise.resolve({}) }: Guarding) {
  const { list } = compileGuardrails({ list: rules.map(settings), allowedPrivateHosts: [], mayBeSwitchedOff: false });
  const guard = new AnswerGuard({ dialect, guardrails: list, hidden, schema: undefined, tools: { ask, now: () => 0 }, jobId: 'j' });
  const decoder = guardStream(relaying(), guard);
  const steps = [...events.map((event) => decoder.push(Buffer.from(write(event)))), decoder.end()];
  const bytes = Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0)));
  return { guard, bytes, error: steps.find(({ error }) => error)?.error };
}

export function eventsIn(bytes: Uint8Array): readonly Record<string, unknown>[] {
  return Buffer.from(bytes)
    .toString()
    .split('\n\n')
    .map((event) => /^data: (.*)$/m.exec(event)?.[1])
    .filter((data) => data !== undefined && data !== '[DONE]')
    .map((data) => JSON.parse(data ?? '') as Record<string, unknown>);
}

function write(event: unknown): string {
  const type = typeof event === 'object' && event !== null && 'type' in event ? `event: ${String(event.type)}\n` : '';
  return event === '[DONE]' ? 'data: [DONE]\n\n' : `${type}data: ${JSON.stringify(event)}\n\n`;
}

/** An event of a chat's stream. */
export const chunk = (index: number, delta: object, finish: string | null = null) => ({
  id: 'c',
  choices: [{ index, delta, finish_reason: finish }],
});

/** The events of a stream of the Responses API that says one text. */
export function responseEvents(pieces: readonly string[], of: 'text' | 'refusal' = 'text'): readonly object[] {
  const whole = pieces.join('');
  const place = { output_index: 0, content_index: 0, item_id: 'm' };
  const part = { type: `output_${of}`, [of]: whole };
  const item = { type: 'message', content: [part] };
  return [
    { type: 'response.created', response: { output: [] } },
    ...pieces.map((delta) => ({ type: `response.output_${of}.delta`, ...place, delta, logprobs: [{ token: delta }] })),
    { type: `response.output_${of}.done`, ...place, [of]: whole },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { output: [item] } },
  ].map((event, sequence_number) => ({ ...event, sequence_number }));
}
