import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import { canRepair, repairRequest, unfenced } from './repair-answer.ts';

const repair = { answer: '{"a":1}', fault: '/a must be string' };
const asked = (dialect: ClientDialect, body: object): Record<string, any> =>
  JSON.parse(Buffer.from(repairRequest(dialect, Buffer.from(JSON.stringify(body)), repair)).toString());

describe('a request for a better answer', () => {
  test.each<[ClientDialect, object, string, (turn: any) => string]>([
    ['openai-chat', { messages: [{ role: 'user', content: 'q' }] }, 'messages', ({ content }) => content],
    ['anthropic-messages', { messages: [{ role: 'user', content: 'q' }] }, 'messages', ({ content }) => content],
    ['openai-responses', { input: 'q' }, 'input', ({ content }) => content],
    ['openai-responses', { input: [{ role: 'user', content: 'q' }] }, 'input', ({ content }) => content],
    ['gemini-generate', { contents: [{ role: 'user', parts: [{ text: 'q' }] }] }, 'contents', ({ parts }) => parts[0].text],
  ])('of %s goes on with the answer and what is wrong with it', (dialect, body, field, textOf) => {
    const { [field]: turns, ...rest } = asked(dialect, { model: 'm', temperature: 0.5, ...body });
    expect(rest).toEqual({ model: 'm', temperature: 0.5 });
    expect(turns).toHaveLength(3);
    expect(textOf(turns[0])).toBe('q');
    expect(textOf(turns[1])).toBe('{"a":1}');
    expect(turns[1].role).toBe(dialect === 'gemini-generate' ? 'model' : 'assistant');
    expect(textOf(turns[2])).toContain('/a must be string');
    expect(turns[2].role).toBe('user');
  });

  test('keeps numbers that JavaScript has no number for', () => {
    const body = Buffer.from('{"seed":12345678901234567890,"messages":[]}');
    expect(Buffer.from(repairRequest('openai-chat', body, repair)).toString()).toContain('12345678901234567890');
  });

  test.each<[ClientDialect, string]>([
    ['openai-completions', '{"prompt":"q"}'],
    ['openai-chat', '{"messages":"none"}'],
    ['openai-chat', '[]'],
  ])('of %s stays as it was where there is no conversation: %s', (dialect, text) => {
    expect(Buffer.from(repairRequest(dialect, Buffer.from(text), repair)).toString()).toBe(text);
  });

  test('can be made of formats with a conversation only', () => {
    expect(canRepair('openai-completions')).toBe(false);
    expect(canRepair('anthropic-messages')).toBe(true);
  });
});

describe('JSON between the marks of a code block', () => {
  test.each([
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ['```\n[1]\n```\n', '[1]'],
    ['Here you are:\n```JSON\n{"a":\n1}\n```', '{"a":\n1}'],
  ])('%j is %j', (text, inside) => {
    expect(unfenced(text)).toBe(inside);
  });

  test.each(['{"a":1}', '```json {"a":1}', 'text', '{"code":"```json\\nx\\n```"}'])('%j has none', (text) => {
    expect(unfenced(text)).toBeUndefined();
  });
});
