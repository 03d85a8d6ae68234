import { expect } from 'vitest';
import type { ChatAnswer } from './chat-client.ts';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly type?: string;
  readonly param?: string | null;
  /** In the message. */
  readonly says?: RegExp;
}

/** A whole error answer in OpenAI’s shape, nothing else in it, and nothing of the inside of the product. */
export function expectRefusal(answer: ChatAnswer, refusal: Refusal): void {
  const { says = /\w/, status, ...fields } = refusal;
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining('"error"')]);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.clean).toBe(true);
  const { error, ...rest } = JSON.parse(answer.text);
  expect(rest).toEqual({});
  expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  expect(error).toMatchObject({ ...fields, message: expect.stringMatching(says) });
  expect(error.message).not.toMatch(/at \S+ \(|node_modules|\/services\/|127\.0\.0\.1/);
}
