import { describe, expect, it } from 'vitest';
import type { ConversationRequest } from '../conversation/request.ts';
import type { DialectQuirks } from '../exchange.ts';
import { encode as encodeWith, user } from './test-request.ts';

const text = (said: string, cacheControl?: object) => ({ type: 'text' as const, text: said, cacheControl: cacheControl as never });
const tool = {
  type: 'function' as const,
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  strict: true,
  cacheControl: undefined,
};
const png = { type: 'media' as const, source: { kind: 'base64' as const, mediaType: 'image/png', data: 'iVBO' } };

const encode = (change: Partial<ConversationRequest>, quirks: DialectQuirks = {}) => encodeWith(change, { quirks });
const messagesOf = (change: Partial<ConversationRequest>, quirks?: DialectQuirks) => encode(change, quirks)['messages'];

describe('messages', () => {
  const assistant = (change: object) => ({ role: 'assistant' as const, reasoning: [], parts: [], toolCalls: [], ...change });
  const call = { id: 'c1', name: 'look', argumentsText: '{"x":1}' };
  const result = (parts: readonly object[], isError = false) =>
    ({ role: 'tool', toolCallId: 'c1', parts, isError, cacheControl: undefined }) as ConversationRequest['messages'][number];

  it('carry pictures, recordings and documents in the parts of the format', () => {
    const media = (source: object, title?: string) => ({ type: 'media', source, title });
    const parts = [
      text('see'),
      png,
      media({ kind: 'image-url', url: 'https://example.test/a.png' }),
      media({ kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' }),
      media({ kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, 'paper.pdf'),
      media({ kind: 'base64', mediaType: 'text/plain', data: Buffer.from('plain words').toString('base64') }, 'notes'),
      media({ kind: 'file-id', fileId: 'file-1' }),
      { type: 'opaque', value: { type: 'x', y: 1 } },
    ] as never;
    expect(messagesOf({ messages: [{ role: 'user', parts }] })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
          { type: 'image_url', image_url: { url: 'https://example.test/a.png' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
          { type: 'file', file: { filename: 'paper.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
          { type: 'text', text: 'notes\n\nplain words' },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'x', y: 1 },
        ],
      },
    ]);
  });

  it('of a tool loop keep ids, and pictures of results move behind the last result of the turn', () => {
    const second = { ...call, id: 'c2' };
    const messages = [
      user('look'),
      assistant({ parts: [text('I ')], toolCalls: [call, second] }),
      result([text('one'), png]),
      { ...result([png]), toolCallId: 'c2' },
      user('and?'),
    ] as never;
    expect(messagesOf({ messages })).toEqual([
      { role: 'user', content: 'look' },
      {
        role: 'assistant',
        content: 'I ',
        tool_calls: [call, second].map(({ id }) => ({ id, type: 'function', function: { name: 'look', arguments: '{"x":1}' } })),
      },
      { role: 'tool', tool_call_id: 'c1', content: 'one' },
      { role: 'tool', tool_call_id: 'c2', content: expect.stringContaining('next user message') },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
          { type: 'text', text: 'and?' },
        ],
      },
    ]);
    expect((messagesOf({ messages: (messages as unknown[]).slice(0, 4) as never }) as unknown[]).at(-1)).toMatchObject({ role: 'user' });
  });

  it.each([
    [[text('disk full')], true, 'Error: disk full'],
    [[text('it failed')], true, 'it failed'],
    [[], true, 'Error'],
    [[], false, ''],
  ])('of a failed call say so in words', (parts, isError, content) => {
    expect(messagesOf({ messages: [assistant({ toolCalls: [call] }), result(parts, isError)] })).toMatchObject([{}, { content }]);
  });

  it('leave out empty assistant turns and null the content beside calls', () => {
    expect(messagesOf({ messages: [user('a'), assistant({}), user('b')] })).toHaveLength(2);
    expect(messagesOf({ messages: [assistant({ toolCalls: [call] })] })).toMatchObject([{ content: null }]);
  });

  it('give plain reasoning back only to hosts that want it, and signed reasoning to none (P8)', () => {
    const reasoning = [
      { type: 'plain', text: 'because' },
      { type: 'signed', text: 'secret', signature: { issuer: 'claude', value: 's' } },
    ];
    const messages = [assistant({ reasoning, parts: [text('so')], toolCalls: [call] })] as never;
    expect(JSON.stringify(messagesOf({ messages }))).not.toMatch(/because|secret/);
    expect(messagesOf({ messages }, { reasoningBack: 'reasoning_content' })).toMatchObject([{ reasoning_content: 'because' }]);
    expect(messagesOf({ messages }, { reasoningBack: 'reasoning' })).toMatchObject([{ reasoning: 'because' }]);
    const bare = [assistant({ parts: [text('so')], toolCalls: [call] })] as never;
    expect(messagesOf({ messages: bare }, { reasoningBack: 'reasoning_content' })).toMatchObject([{ reasoning_content: '' }]);
    expect(messagesOf({ messages }, { thinkingBlocks: true })).toMatchObject([
      { thinking_blocks: [{ thinking: 'because' }, { thinking: 'secret', signature: 's' }] },
    ]);
  });

  it('keep cache marks only where the host takes them', () => {
    const mark = { type: 'ephemeral' };
    const request = {
      system: [text('a', mark)],
      messages: [{ role: 'user', parts: [text('b', mark)] }],
      tools: [{ ...tool, cacheControl: mark }],
    } as never;
    expect(JSON.stringify(encode(request))).not.toContain('cache_control');
    expect(encode(request, { cacheControl: 'blocks' })).toMatchObject({
      messages: [{ content: [{ text: 'a', cache_control: mark }] }, { content: [{ text: 'b', cache_control: mark }] }],
      tools: [{ cache_control: mark }],
    });
  });
});
