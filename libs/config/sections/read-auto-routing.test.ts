import { expect, test } from 'vitest';
import { ConfigError, describeConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';

const parse = (headrace: string) =>
  parseConfig(`headrace:\n  ${headrace}`, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
const told = (headrace: string): string => {
  try {
    return JSON.stringify(parse(headrace));
  } catch (error) {
    return error instanceof ConfigError ? describeConfigError(error) : String(error);
  }
};
const DEFAULTS = { weak: undefined, strong: undefined, costShare: 0.5, escalate: true, sticky: true, afterEscalation: 'once' };

test.each<[string, object | undefined]>([
  ['{}', undefined],
  ['auto_routing: {}', { weightsFile: undefined, groups: { auto: DEFAULTS } }],
  [
    'auto_routing: { weights: own.json, groups: { cheap: { weak: a, strong: b, cost_share: 0.2, escalate: false, sticky: false, after_escalation: stay }, auto: } }',
    {
      weightsFile: 'own.json',
      groups: {
        cheap: { weak: 'a', strong: 'b', costShare: 0.2, escalate: false, sticky: false, afterEscalation: 'stay' },
        auto: DEFAULTS,
      },
    },
  ],
])('%s is read', (headrace, expected) => expect(parse(headrace).autoRouting).toEqual(expected));

test.each<[string, RegExp]>([
  ['auto_routing: { groups: { auto: { cost_share: 1.5 } } }', /config\.yaml:2.*cost_share.*share from 0 to 1.*0\.015/s],
  ['auto_routing: { groups: { auto: { cost_share: lots } } }', /config\.yaml:2.*cost_share.*number/s],
  ['auto_routing: { groups: { auto: { weak: a, strong: a } } }', /config\.yaml:2.*strong.*another model group than weak/s],
  ['auto_routing: { groups: { auto: { wek: a } } }', /unknown key "wek".*did you mean "weak"/s],
  ['auto_routing: { groups: { auto: { after_escalation: always } } }', /config\.yaml:2.*after_escalation.*once/s],
  ['auto_routing: { group: {} }', /unknown key "group".*did you mean "groups"/s],
  ['prompt_cache: { enabled: perhaps }', /prompt_cache.*enabled.*true or false/s],
  ['prompt_cache: { min_tokens: -1 }', /min_tokens.*0 or more/s],
])('%s is an error that names the place and the fix', (headrace, message) => {
  expect(told(headrace)).toMatch(message);
});

test('prompt caching is read, for the gateway and for a model group', () => {
  expect(parse('prompt_cache: { enabled: true }').promptCache).toEqual({ enabled: true, minTokens: 2048 });
  expect(parse('{ model_groups: { m: { prompt_cache: true } } }').modelGroups['m']?.promptCache).toBe(true);
  expect(parse('{}').promptCache).toBeUndefined();
});

test('a group that names no model of model_list is told of at the start', () => {
  const text = `
model_list:
  - { model_name: small, litellm_params: { model: openai/gpt-4o-mini } }
headrace: { auto_routing: { groups: { auto: { weak: smal, strong: small } } } }`;
  const { warnings } = parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
  expect(warnings.join('\n')).toContain(
    'headrace.auto_routing.groups.auto names "smal", which is no model of model_list; did you mean "small"?',
  );
});
