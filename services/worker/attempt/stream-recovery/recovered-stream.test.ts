import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_STREAMS } from '#config';
import { FRAME, frameMeta, type SentPieces } from '#contracts';
import type { UpstreamListener } from '#upstream';
import type { ListenerInput } from '../listener-input.ts';
import { createStreamListener } from '../stream-listener.ts';
import { delta, DONE, failure, relayedText, role, SSE, openChat, useListening } from '../test-listening.ts';

const listening = useListening();
let listener: UpstreamListener;
beforeEach(() => {
  listener = createStreamListener(listening.input);
});

const kinds = (): number[] => listening.frames.map((frame) => frame.kind);

describe('a stream whose failure is to be made good', () => {
  const PLAN = { sent: undefined, settings: DEFAULT_STREAMS } as const;
  const listen = (change: Partial<ListenerInput>): void => {
    listener = createStreamListener({ ...listening.input, ...change });
    listener.head(200, SSE);
  };
  const continuable = () => openChat({ stream: true }, { continuation: {} });

  test('"continue": what left is told with the listening.frames, and left for the next attempt', () => {
    listen({ exchange: continuable(), policy: { ...PLAN, onFailure: 'continue' } });
    listener.data(Buffer.concat([role(), delta({ content: 'Hel' })]));
    listener.data(delta({ content: 'lo' }));
    listener.data(failure);
    const shown = listening.frames.filter((frame) => frame.kind === FRAME.data).map((frame) => frameMeta<SentPieces>(frame));
    expect(shown).toEqual([{ model: 'm', text: ['Hel'] }, { text: ['lo'] }]);
    expect(listening.outcomes).toMatchObject([{ relayed: true, recovery: { kind: 'continue', sent: { text: ['Hel', 'lo'] } } }]);
  });

  test('"continue": a stream that shows more than text is left to nobody', () => {
    listen({ exchange: continuable(), policy: { ...PLAN, onFailure: 'continue' } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(delta({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{' } }] }));
    listener.data(failure);
    expect(listening.outcomes).toMatchObject([{ relayed: true, recovery: undefined }]);
  });

  test('"restart": another attempt begins anew', () => {
    listen({ policy: { ...PLAN, onFailure: 'restart' } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(failure);
    expect(listening.outcomes).toMatchObject([{ relayed: true, recovery: { kind: 'restart' } }]);
  });

  test('"buffer": nothing but the head leaves before the answer is whole', () => {
    listen({ policy: { ...PLAN, onFailure: 'buffer' } });
    listener.data(Buffer.concat([role(), delta({ content: 'Hel' })]));
    listener.data(delta({ content: 'lo' }, 'stop'));
    vi.advanceTimersByTime(5_000);
    expect(kinds()).toEqual([FRAME.head]);
    listener.data(DONE);
    expect(relayedText(listening.frames)).toContain('"content":"Hel"');
    expect(listening.outcomes).toMatchObject([{ status: 'success', relayed: true }]);
  });

  test('"buffer": a failure before the end leaves nothing, and an answer above the limit is refused', () => {
    listen({ policy: { ...PLAN, onFailure: 'buffer' } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(failure);
    expect(listening.outcomes).toMatchObject([{ relayed: false, recovery: undefined }]);
    listen({ policy: { onFailure: 'buffer', sent: undefined, settings: { ...DEFAULT_STREAMS, bufferBytes: 300 } } });
    for (let i = 0; i < 3; i += 1) listener.data(delta({ content: 'word' }));
    expect(listening.outcomes.at(-1)?.error).toMatchObject({ code: 'upstream_invalid_response', retry: 'never' });
    expect(listening.aborted.at(-1)?.message).toContain('300 bytes');
    expect(relayedText(listening.frames)).toBe('');
  });

  test('the head leaves when the configuration says', () => {
    listen({ policy: { onFailure: 'error', sent: undefined, settings: { ...DEFAULT_STREAMS, holdBackMs: 20 } } });
    vi.advanceTimersByTime(20);
    expect(kinds()).toEqual([FRAME.head]);
  });

  test('a limit of the deployment aborts the call and says which one it was', () => {
    listen({ timeouts: { interChunkMs: 500 } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(Buffer.from(': ping\n\n'));
    vi.advanceTimersByTime(500);
    expect(listening.outcomes).toMatchObject([{ error: { code: 'upstream_timeout' } }]);
    expect(listening.aborted).toHaveLength(1);
  });
});
