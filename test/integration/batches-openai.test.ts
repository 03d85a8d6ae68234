import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { type StandInIntake, startStandInIntake, type TakenSubmission } from '../support/stand-in-intake.ts';
import { awaitBatch, type BatchesUnderTest, inputLine, readOutput, startBatches, uploadInput } from './support/batches.ts';

const KEY = 'sk-one';
const OTHER = 'sk-other';
const COST = { inputUsd: '0.1', cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0.2', totalUsd: '0.3' };
let service: BatchesUnderTest;
let intake: StandInIntake;
let client: OpenAI;

/** Says what it was asked, fails what is called `fail…`, and does what the name says at `refused`. */
function answer({ body }: TakenSubmission) {
  const text: string = JSON.parse(body).messages[0].content;
  if (text.startsWith('fail')) return { status: 400, state: 'failed' as const, text: '{"error":{"message":"no","code":"bad"}}' };
  if (text.startsWith('refused')) {
    return { state: 'failed' as const, text: '', error: { code: 'model_not_found' as const, message: 'There is no model m.' } };
  }
  return { text: `{\n "choices": [{"message": {"content": ${JSON.stringify(text)}}}]\n}`, cost: COST };
}

beforeAll(async () => {
  service = await startBatches([KEY, OTHER]);
  intake = await startStandInIntake(service.bus, answer);
  client = service.openai(KEY);
}, 60_000);

afterAll(async () => {
  await intake?.close();
  await service?.remove();
});

test('a file is kept byte for byte, listed and deleted by the OpenAI SDK', async () => {
  const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, at) => at % 251));
  const file = await client.files.create({ file: new File([bytes], 'näme.bin'), purpose: 'user_data' });
  expect(file).toMatchObject({ object: 'file', bytes: 700_000, purpose: 'user_data', filename: 'näme.bin', status: 'processed' });
  expect(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()).equals(bytes)).toBe(true);
  expect(await client.files.retrieve(file.id)).toEqual(file);
  const listed: string[] = [];
  for await (const one of client.files.list({ limit: 1 })) listed.push(one.id);
  expect(listed).toContain(file.id);
  expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
  await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'file_not_found' });
});

test('every request of a batch has one result, in the order of the input, the failed ones in a file of their own', async () => {
  const names = Array.from({ length: 500 }, (_, at) => (at % 100 === 7 ? `fail ${at}` : at === 50 ? 'refused' : `say "${at}"\u2028`));
  const input = await uploadInput(
    client,
    names.map((name) => inputLine(name)),
  );
  const created = await client.batches.create({
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { run: 'seven' },
  });
  expect(created).toMatchObject({ object: 'batch', status: 'validating', metadata: { run: 'seven' }, request_counts: { total: 0 } });
  const batch = await awaitBatch(client, created.id);
  expect(batch).toMatchObject({ status: 'completed', model: 'm', request_counts: { total: 500, completed: 494, failed: 6 } });
  expect(batch).toMatchObject({ headrace: { spend_usd: '148.2' } });
  const output = await readOutput(client, batch.output_file_id);
  const good = names.filter((name) => name.startsWith('say'));
  expect(output.map((line) => line.custom_id)).toEqual(good);
  expect(output.map((line) => line.response.body.choices[0].message.content)).toEqual(good);
  expect(output[0]).toMatchObject({
    id: expect.stringMatching(/^batch_req_/),
    error: null,
    response: { status_code: 200, request_id: expect.any(String) },
  });
  const errors = await readOutput(client, batch.error_file_id);
  expect(errors.map((line) => line.custom_id)).toEqual(names.filter((name) => !name.startsWith('say')));
  expect(errors[0]).toMatchObject({ response: { status_code: 400, body: { error: { code: 'bad' } } }, error: null });
  expect(errors[1]).toMatchObject({ response: { status_code: 404, body: { error: { code: 'model_not_found' } } } });
  const listed: string[] = [];
  for await (const one of client.batches.list({ limit: 1 })) listed.push(one.id);
  expect(listed).toContain(batch.id);
});

test('an input with broken lines runs nothing and says which lines are broken', async () => {
  const before = intake.ran.length;
  const lines = [
    inputLine('a'),
    '{"custom_id": "b", ',
    inputLine('a'),
    inputLine('c', {}, '/v1/embeddings'),
    inputLine('d', { stream: true }),
  ];
  const input = await uploadInput(client, [...lines, '', '{"custom_id":"e","url":"/v1/chat/completions"}']);
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  const batch = await awaitBatch(client, id);
  expect(batch.status).toBe('failed');
  expect(batch.errors?.data?.map(({ line, code, param }) => [line, code, param]).toSorted()).toEqual([
    [2, 'invalid_json_line', null],
    [3, 'duplicate_custom_id', 'custom_id'],
    [4, 'invalid_url', 'url'],
    [5, 'invalid_request', 'body.stream'],
    [7, 'missing_required_parameter', 'body'],
  ]);
  expect(intake.ran.length).toBe(before);
});

test('nobody sees the files and batches of another key', async () => {
  const other = service.openai(OTHER);
  const input = await uploadInput(client, [inputLine('mine')]);
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  const batch = await awaitBatch(client, id);
  const calls = [
    () => other.files.retrieve(input.id),
    () => other.files.content(batch.output_file_id ?? ''),
    () => other.files.delete(input.id),
    () => other.batches.retrieve(id),
    () => other.batches.cancel(id),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ status: 404 });
  await expect(
    other.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' }),
  ).rejects.toMatchObject({
    status: 400,
    code: 'file_not_found',
  });
  expect((await other.files.list()).data).toEqual([]);
  expect((await other.batches.list()).data).toEqual([]);
  expect((await service.openai('sk-master').batches.retrieve(id)).id).toBe(id);
  await expect(service.openai('sk-nobody').files.list()).rejects.toMatchObject({ status: 401 });
});

test.each([
  [{ endpoint: '/v1/audio/speech' }, 'endpoint'],
  [{ completion_window: '48h' }, 'completion_window'],
  [{ metadata: { max_spend_usd: '-1' } }, 'max_spend_usd'],
  [{ input_file_id: 'file-none' }, 'input_file_id'],
])('a batch with %o is refused with the field at fault', async (wrong, param) => {
  const input = await uploadInput(client, [inputLine('a')]);
  const body = { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h', ...wrong };
  await expect(client.post('/batches', { body })).rejects.toMatchObject({ status: 400, param });
});

test('a form without purpose or file is refused, and leaves nothing behind', async () => {
  const post = (form: FormData) =>
    fetch(`${service.url}/v1/files`, { method: 'POST', body: form, headers: { authorization: `Bearer ${KEY}` } });
  const noPurpose = new FormData();
  noPurpose.set('file', new File(['x'], 'x'));
  const noFile = new FormData();
  noFile.set('purpose', 'batch');
  const answers = await Promise.all([noPurpose, noFile].map(async (form) => (await post(form)).json()));
  expect(answers).toMatchObject([{ error: { param: 'purpose' } }, { error: { param: 'file' } }]);
  const { rows } = await service.db.pool.query("select id from files where state = 'storing'");
  expect(rows).toEqual([]);
});

test('a batch stops at the spend it is allowed, and says so for each request that was not run', async () => {
  const input = await uploadInput(
    client,
    Array.from({ length: 40 }, (_, at) => inputLine(`spend ${at}`)),
  );
  const body = {
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { max_spend_usd: '3' },
  } as const;
  const batch = await awaitBatch(client, (await client.batches.create(body)).id);
  expect(batch).toMatchObject({
    status: 'completed',
    request_counts: { total: 40, completed: 10, failed: 30 },
    headrace: { spend_usd: '3.0' },
  });
  const errors = await readOutput(client, batch.error_file_id);
  expect(errors[0]).toMatchObject({ response: null, error: { code: 'budget_exceeded' } });
});

test('a batch goes on in another process where the first one left it, and runs nothing twice', async () => {
  const [first, second] = [await service.replica({ inFlight: 50 }), await service.replica({ inFlight: 50 })];
  const input = await uploadInput(
    client,
    Array.from({ length: 3_000 }, (_, at) => inputLine(`go ${at}`)),
  );
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  const runnerOf = async () => (await service.db.pool.query('select runner, succeeded from batches where id = $1', [id])).rows[0];
  const { runner } = await waitFor(async () => ((await runnerOf()).succeeded > 200 ? runnerOf() : undefined), { what: 'some results' });
  const replica = [first, second].find(({ resources }) => resources.instance === runner);
  await replica?.close();
  const batch = await awaitBatch(client, id);
  expect(batch.request_counts).toEqual({ total: 3_000, completed: 3_000, failed: 0 });
  const output = await readOutput(client, batch.output_file_id);
  expect(new Set(output.map((line) => line.custom_id)).size).toBe(3_000);
  expect(output.length).toBe(3_000);
  await Promise.all([first.close(), second.close()]);
});
