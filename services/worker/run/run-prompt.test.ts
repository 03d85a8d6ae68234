import { expect, test } from 'vitest';
import type { GatewayConfig, PromptSettings } from '#config';
import type { JobMeta, RunEnd, StoredPrompt } from '#contracts';
import type { PromptKeeper } from '#prompts';
import { createRunPrompt } from './run-prompt.ts';

const settings: PromptSettings = { retentionMs: 1, maxBytes: 1_000, redactFields: [] };
const name = { owner: 'o', group: 'g', job: 'j' };
const head = { status: 200, headers: {} };
const data = Buffer.from('{"model":"m","q":"one"}');

interface Stored {
  readonly end: Partial<RunEnd>;
  readonly text: string;
}

/** What is kept so far, once all of it is made. */
function open(fields: Partial<JobMeta> = {}, { prompts, stored }: { prompts?: PromptSettings | 'none'; stored?: Stored } = {}) {
  const made: Promise<StoredPrompt | undefined>[] = [];
  const keeper: Pick<PromptKeeper, 'keep'> = { keep: (make) => void made.push(Promise.resolve().then(make)) };
  const meta = {
    id: 'j',
    acceptedAt: 5,
    by: { keyHash: 'h' },
    dialect: 'openai-chat',
    model: 'm',
    prompt: { bytes: 77 },
    run: { group: 'g' },
    ...fields,
  } as JobMeta;
  const store = {
    findEnd: async () => stored && { end: stored.end as RunEnd, bytes: Buffer.from(stored.text) },
    readAnswer: async (_: typeof name, { head: sent }: RunEnd, rest: Uint8Array) => ({
      head: sent,
      bytes: Buffer.concat([Buffer.from('pieces '), rest]),
    }),
  };
  const resources = {
    config: { prompts: prompts === 'none' ? undefined : (prompts ?? settings) } as GatewayConfig,
    prompts: keeper as PromptKeeper,
    runs: { store },
  };
  const body = meta.bodyRef === undefined ? data : Buffer.alloc(0);
  const prompt = createRunPrompt({ meta, name, data: body }, resources);
  return { prompt, kept: async () => (await Promise.all(made)).filter((one) => one !== undefined) };
}

test('a job that ends here is kept with what it was asked and answered', async () => {
  const { prompt, kept } = open();
  prompt?.begun(head);
  prompt?.answered(Buffer.from('one '));
  prompt?.answered(Buffer.from('two'));
  prompt?.ended({});
  expect(await kept()).toMatchObject([{ job: 'j', acceptedAt: 5, status: 200, request: data.toString(), answer: 'one two' }]);
});

test.each<[string, Partial<JobMeta>, PromptSettings | 'none']>([
  ['its ingress did not say that it may be', { prompt: undefined }, settings],
  ['the configuration does not say so', {}, 'none'],
])('nothing is kept where %s', (_name, fields, prompts) => {
  expect(open(fields, { prompts }).prompt).toBeUndefined();
});

test('the status is that of the error where there is no text, else that of the answer', async () => {
  const error = { code: 'rate_limit_exceeded', message: 'm' } as const;
  const without = open();
  without.prompt?.ended({ error });
  expect(await without.kept()).toMatchObject([{ status: 429, answer: '[rate_limit_exceeded: m]' }]);
  const behind = open();
  behind.prompt?.begun(head);
  behind.prompt?.answered(Buffer.from('half'));
  behind.prompt?.ended({ error, head: { status: 429, headers: {} } });
  expect(await behind.kept()).toMatchObject([{ status: 200, answer: 'half[rate_limit_exceeded: m]' }]);
});

test('a body that travels by reference is kept once it was loaded; until then its size is all that is known', async () => {
  const known = open({ bodyRef: 'r' });
  known.prompt?.asked(Buffer.from('{"q":"large"}'));
  known.prompt?.ended({ head });
  expect(await known.kept()).toMatchObject([{ request: '{"q":"large"}' }]);
  const unknown = open({ bodyRef: 'r' });
  unknown.prompt?.ended({ error: { code: 'cancelled', message: 'm' } });
  expect(await unknown.kept()).toMatchObject([{ request: '[not kept: 77 bytes]' }]);
});

test('the fields of a form are named as in the form', async () => {
  const { prompt, kept } = open({ uploadRef: 'u' }, { prompts: { ...settings, redactFields: ['prompt'] } });
  prompt?.asked(Buffer.from(JSON.stringify({ parts: [{ name: 'prompt', value: 'Ann' }] })));
  prompt?.ended({ head });
  expect(await kept()).toMatchObject([{ request: '{"prompt":"[redacted]"}' }]);
});

test('a job that somebody else has ended is kept as that one ended it', async () => {
  const { prompt, kept } = open({}, { stored: { end: { head }, text: 'theirs' } });
  prompt?.answered(Buffer.from('ours'));
  prompt?.endedElsewhere();
  expect(await kept()).toMatchObject([{ status: 200, answer: 'pieces theirs' }]);
});

test('a job that goes on elsewhere is kept by whoever ends it', async () => {
  const { prompt, kept } = open();
  prompt?.endedElsewhere();
  expect(await kept()).toEqual([]);
});

test('an answer that goes on from an earlier attempt’s is kept whole', async () => {
  const { prompt, kept } = open({ sentRef: 'j.sent.2' }, { stored: { end: { head }, text: 'and the end' } });
  prompt?.answered(Buffer.from('and the end'));
  prompt?.ended({ head });
  expect(await kept()).toMatchObject([{ answer: 'pieces and the end' }]);
});
