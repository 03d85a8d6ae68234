import { describe, expect, test } from 'vitest';
import { ConfigError, describeConfigError } from '../../config-error.ts';
import { parseConfig } from '../../parse-config.ts';

const parse = (text: string, env: Record<string, string> = {}) =>
  parseConfig(text, { file: 'config.yaml', env, providers: new Set(['openai']) });
const one = (params: string) => parse(`guardrails: [{guardrail_name: g, litellm_params: {${params}}}]`).guardrails?.list[0];

describe('guardrails', () => {
  test('none is none', () => expect(parse('headrace: {guardrails: {may_be_switched_off: true}}').guardrails).toBeUndefined());

  test('LiteLLM’s entries are read', () => {
    expect(one('guardrail: hide-secrets, mode: [pre_call, post_call], default_on: true')).toEqual({
      name: 'g',
      type: 'hide-secrets',
      hooks: ['pre_call', 'post_call'],
      defaultOn: true,
      failOpen: false,
      rule: { kind: 'secrets', action: 'mask' },
    });
    expect(one('guardrail: pii, mode: pre_call, pii_entities_config: {EMAIL_ADDRESS: BLOCK, US_SSN: MASK}')?.rule).toEqual({
      kind: 'pii',
      entities: { EMAIL_ADDRESS: 'block', US_SSN: 'mask' },
      phoneRegions: ['US'],
    });
    expect(
      one(
        'guardrail: litellm_content_filter, mode: pre_call, blocked_words: [{keyword: x, action: MASK}], patterns: [{pattern_type: regex, pattern: "a+", name: as, action: BLOCK}]',
      )?.rule,
    ).toEqual({
      kind: 'words',
      lists: [{ category: 'denied_words', phrases: ['x'], action: 'mask' }],
      allowed: [],
      patterns: [{ category: 'as', pattern: 'a+', action: 'block' }],
    });
    expect(
      one(
        'guardrail: tool_permission, mode: post_call, default_action: Deny, rules: [{id: r, tool_name: "mail.*", decision: Allow, allowed_param_patterns: {"to[]": ".*@example.com"}}]',
      )?.rule,
    ).toEqual({
      kind: 'tools',
      rules: [{ id: 'r', tool: 'mail.*', isAllowed: true, args: { 'to[]': '.*@example.com' } }],
      isAllowed: false,
      blocks: true,
    });
  });

  test('external ones get the address of their call, and keep their secrets as references', () => {
    const read = parse(
      'guardrails: [{guardrail_name: g, litellm_params: {guardrail: lakera_v2, mode: during_call, api_key: os.environ/K, unreachable_fallback: fail_open, timeout: 2}}]',
      { K: 'x' },
    );
    expect(read.guardrails?.list[0]).toMatchObject({
      failOpen: true,
      rule: { url: 'https://api.lakera.ai/v2/guard', apiKey: { env: 'K' }, timeoutMs: 2_000 },
    });
    expect(
      one('guardrail: bedrock, mode: pre_call, guardrailIdentifier: a/b, guardrailVersion: "1", aws_region_name: eu-west-1')?.rule,
    ).toMatchObject({
      url: 'https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/a%2Fb/version/1/apply',
    });
  });
});

function problemsOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return describeConfigError(error);
  }
  return '';
}

describe('what is wrong is named with its line and the fix', () => {
  const entry = (params: string) => `guardrails:\n  - guardrail_name: g\n    litellm_params:\n${params.replaceAll(/^/gm, '      ')}\n`;

  test.each<[string, string, RegExp]>([
    [
      'an unknown guardrail',
      entry('guardrail: presido\nmode: pre_call'),
      /config\.yaml:4:\d+[\s\S]*no guardrail called "presido"[\s\S]*did you mean "presidio"/,
    ],
    [
      'an unknown mode',
      entry('guardrail: pii\nmode: pre-call'),
      /config\.yaml:5:\d+[\s\S]*no mode called "pre-call"[\s\S]*did you mean "pre_call"/,
    ],
    ['no mode', entry('guardrail: pii'), /config\.yaml:4:\d+[\s\S]*needs a mode/],
    [
      'an unknown entity',
      entry('guardrail: pii\nmode: pre_call\nentities: [EMAIL_ADRESS]'),
      /config\.yaml:6:\d+[\s\S]*EMAIL_ADRESS[\s\S]*did you mean "EMAIL_ADDRESS"/,
    ],
    [
      'an unknown action',
      entry('guardrail: pii\nmode: pre_call\naction: hide'),
      /config\.yaml:6:\d+[\s\S]*"hide" is none of block, mask, restore/,
    ],
    [
      'a broken expression',
      entry('guardrail: words\nmode: pre_call\npatterns: [{pattern: "(a"}]'),
      /config\.yaml:6:\d+[\s\S]*is no regular expression[\s\S]*RE2/,
    ],
    ['look-behind', entry('guardrail: words\nmode: pre_call\npatterns: [{pattern: "(?<=a)b"}]'), /is no regular expression/],
    ['no words', entry('guardrail: words\nmode: pre_call'), /has no words/],
    ['no limits', entry('guardrail: limits\nmode: pre_call'), /limits nothing/],
    [
      'a language that is none',
      entry('guardrail: limits\nmode: pre_call\nlanguages: [english]'),
      /config\.yaml:6:\d+[\s\S]*"english" is no code of a language/,
    ],
    ['an external one without address', entry('guardrail: generic_guardrail_api\nmode: pre_call'), /needs the address[\s\S]*add api_base/],
    [
      'an address that is none',
      entry('guardrail: generic_guardrail_api\nmode: pre_call\napi_base: localhost'),
      /config\.yaml:6:\d+[\s\S]*no address of a service/,
    ],
    [
      'an unknown key',
      entry('guardrail: pii\nmode: pre_call\nentitys: []'),
      /config\.yaml:6:\d+[\s\S]*unknown key "entitys"[\s\S]*did you mean "entities"/,
    ],
    [
      'a name used twice',
      `${entry('guardrail: pii\nmode: pre_call')}  - guardrail_name: g\n    litellm_params: {guardrail: pii, mode: pre_call}\n`,
      /"g" is already used at config\.yaml:2/,
    ],
    ['no name', 'guardrails: [{litellm_params: {guardrail: pii, mode: pre_call}}]', /has no name/],
    [
      'a rule without decision',
      entry('guardrail: tool_permission\nmode: pre_call\nrules: [{tool_name: x}]'),
      /needs the name of a tool and a decision/,
    ],
    [
      'a file of words',
      entry('guardrail: litellm_content_filter\nmode: pre_call\nblocked_words_file: words.yaml'),
      /files of words are not read/,
    ],
  ])('%s', (_name, text, message) => expect(problemsOf(text)).toMatch(message));
});
