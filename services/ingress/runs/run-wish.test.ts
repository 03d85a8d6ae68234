import { describe, expect, test } from 'vitest';
import type { ClientCall } from '../chat/read-request.ts';
import { runWish } from './run-wish.ts';

function call(changes: Partial<ClientCall> = {}): ClientCall {
  return { dialect: 'openai-chat', body: Buffer.from('{}'), fields: {}, model: 'm', stream: false, ...changes };
}

describe('a request', () => {
  test('that says nothing is answered on its connection', () => {
    expect(runWish(call(), {}, false)).toBeUndefined();
    expect(runWish(call(), { prefer: 'wait=20' }, false)).toBeUndefined();
    expect(runWish(call({ fields: { background: true } }), {}, false)).toBeUndefined();
  });

  test.each([
    ['respond-async', { kind: 'background', waitMs: undefined, lane: 'background', applied: 'respond-async' }],
    ['Respond-Async ; x=1', { kind: 'background', waitMs: undefined }],
    ['respond-async, wait=20', { kind: 'background', waitMs: 20_000, lane: 'live', applied: 'respond-async, wait=20' }],
    ['wait="5", respond-async', { kind: 'background', waitMs: 5_000 }],
    ['respond-async, wait=0', { kind: 'background', waitMs: undefined }],
  ])('with Prefer: %s', (prefer, wish) => {
    expect(runWish(call(), { prefer }, false)).toMatchObject(wish);
  });

  test.each(['wait=-1', 'wait=601', 'wait=1.5', 'wait=x'])('with Prefer: respond-async, %s is refused', (wait) => {
    const refused = expect.objectContaining({ code: 'invalid_request', param: 'prefer' });
    expect(() => runWish(call(), { prefer: `respond-async, ${wait}` }, false)).toThrow(refused);
  });

  test('is resumable by its header or by the setting, and the header goes first', () => {
    expect(runWish(call(), { 'x-headrace-resumable': 'true' }, false)).toMatchObject({ kind: 'resumable', lane: 'live' });
    expect(runWish(call(), {}, true)).toMatchObject({ kind: 'resumable' });
    expect(runWish(call(), { 'x-headrace-resumable': 'false' }, true)).toBeUndefined();
  });

  test('of the Responses API with background: true is answered with a response', () => {
    const responses = call({ dialect: 'openai-responses', fields: { background: true } });
    expect(runWish(responses, {}, false)).toMatchObject({ kind: 'background', asResponse: true, lane: 'background' });
    expect(runWish({ ...responses, stream: true }, {}, false)).toMatchObject({ kind: 'resumable', asResponse: true });
  });
});
