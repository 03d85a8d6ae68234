import { describe, expect, test } from 'vitest';
import type { GatewayConfig } from '#config';
import { requestDeadline } from './request-deadline.ts';

const NOW = 1_000_000;
const config = { router: { timeoutMs: 60_000 } } as GatewayConfig;
const after = (headers: Record<string, string>, fields: Record<string, unknown> = {}) =>
  requestDeadline(NOW, headers, fields, config) - NOW;

describe('a request’s deadline', () => {
  test.each<[string, Record<string, string>, Record<string, unknown>, number]>([
    ['is the router’s by default', {}, {}, 60_000],
    ['is our header’s, in milliseconds', { 'x-headrace-deadline-ms': '1500' }, {}, 1_500],
    ['is LiteLLM’s header’s, in seconds', { 'x-litellm-timeout': '2.5' }, {}, 2_500],
    ['is the body’s, in seconds', {}, { timeout: 3 }, 3_000],
    ['is our header’s before LiteLLM’s', { 'x-headrace-deadline-ms': '1500', 'x-litellm-timeout': '9' }, { timeout: 8 }, 1_500],
    ['is a header’s before the body’s', { 'x-litellm-timeout': '9' }, { timeout: 8 }, 9_000],
    ['is the router’s when the body says null', {}, { timeout: null }, 60_000],
    ['is rounded up to a whole millisecond', { 'x-litellm-timeout': '0.0001' }, {}, 1],
    ['is two hours at most', { 'x-litellm-timeout': '1e12' }, {}, 7_200_000],
    ['may be longer than the router’s', { 'x-litellm-timeout': '600' }, {}, 600_000],
  ])('%s', (_what, headers, fields, expected) => {
    expect(after(headers, fields)).toBe(expected);
  });

  test.each<[Record<string, string>, Record<string, unknown>, string]>([
    [{ 'x-headrace-deadline-ms': '0' }, {}, 'x-headrace-deadline-ms'],
    [{ 'x-headrace-deadline-ms': '-5' }, {}, 'x-headrace-deadline-ms'],
    [{ 'x-headrace-deadline-ms': 'soon' }, {}, 'x-headrace-deadline-ms'],
    [{ 'x-headrace-deadline-ms': '' }, {}, 'x-headrace-deadline-ms'],
    [{ 'x-litellm-timeout': 'Infinity' }, {}, 'x-litellm-timeout'],
    [{}, { timeout: -1 }, 'timeout'],
    [{}, { timeout: [5] }, 'timeout'],
    [{}, { timeout: true }, 'timeout'],
  ])('of %j %j is refused, naming the field', (headers, fields, param) => {
    expect(() => after(headers, fields)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
