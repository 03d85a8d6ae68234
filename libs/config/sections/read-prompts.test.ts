import { expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

const parse = (text: string) => parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set() });

test('nothing is kept unless it is said, and nothing when it is turned off', () => {
  expect(parse('headrace: {prompts: {max_kb: 8}}').prompts).toBeUndefined();
  const on = 'general_settings: {store_prompts_in_spend_logs: true}';
  expect(parse(on).prompts).toEqual({ retentionMs: 30 * 86_400_000, maxBytes: 65_536, redactFields: [] });
  expect(parse(`${on}\nlitellm_settings: {turn_off_message_logging: true}`).prompts).toBeUndefined();
});

test('how it is kept', () => {
  const text =
    'general_settings: {store_prompts_in_spend_logs: true}\nheadrace: {prompts: {retention: 7d, max_kb: 8, redact_fields: [name]}}';
  expect(parse(text).prompts).toEqual({ retentionMs: 7 * 86_400_000, maxBytes: 8_192, redactFields: ['name'] });
});

test.each([
  ['max_kb: 1000', /128 or less/],
  ['max_kb: 0', /1 or more/],
  ['retention: 1h', /1 day or more/],
  ['retention_days: 3', /retention_days/],
])('%s is refused by name', (line, message) => {
  expect(() => parse(`headrace: {prompts: {${line}}}`)).toThrow(message);
});
