import { describe, expect, test } from 'vitest';
import { ConfigError, describeConfigError } from './config-error.ts';
import { parseConfig } from './parse-config.ts';

const PROVIDERS = new Set(['openai', 'anthropic', 'sandbox']);
const SECRET = 'sk-ant-api03-do-not-show-me';

function problemsOf(text: string): ConfigError {
  try {
    parseConfig(text, { file: 'config.yaml', env: { EMPTY: '' }, providers: PROVIDERS });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}

/** An entry whose litellm_params start on line 4 with the model; `params` follow on line 5. */
function model(params: string, name = 'model_name: m', modelLine = 'model: openai/gpt-4o'): string {
  return `model_list:\n  - ${name}\n    litellm_params:\n      ${modelLine}\n      ${params}\n`;
}

describe('a wrong file is refused with the place, the reason and the fix', () => {
  test.each<[name: string, text: string, place: string, message: RegExp, suggestion: RegExp | undefined]>([
    ['empty', '', '0:0', /is empty/, /model_list/],
    ['only comments', '# nothing\n', '0:0', /is empty/, /model_list/],
    ['a list', '- a\n- b\n', '1:1', /must be a mapping/, /model_list/],
    ['a word', 'hello', '1:1', /must be a mapping/, /model_list/],
    ['tabs', 'a:\n\tb: 1\n', '2:1', /tab/, /spaces/],
    ['unclosed bracket', 'model_list: [{a: 1}\n', '2:1', /not valid YAML/, /indentation/],
    ['two colons', 'model_list: a: b\n', '1:13', /second/, /quotes/],
    ['two documents', 'a: 1\n---\nb: 2\n', '2:1', /more than one/, /---/],
    ['a tag', 'general_settings: !ENV x\n', '1:19', /tags/, /os\.environ/],
    ['an alias without anchor', 'model_list: *x\n', '1:13', /no anchor/, undefined],
    ['an alias of itself', 'model_list: &x [*x]\n', '1:17', /contains itself/, undefined],
    ['nested too deep', `a: ${'['.repeat(20_000)}`, '1:', /nested too deep/, undefined],
    ['unknown section', 'modle_list: []\n', '1:1', /unknown key "modle_list"/, /"model_list"/],
    ['unknown router key', 'router_settings:\n  num_retry: 2\n', '2:3', /unknown key/, /"num_retries"/],
    [
      'a key of another section',
      'general_settings:\n  routing_strategy: simple-shuffle\n',
      '2:3',
      /unknown key/,
      /belongs under router_settings/,
    ],
    ['a key nobody has', 'general_settings:\n  wibble_wobble_flub: 1\n', '2:3', /unknown key/, /known here: master_key/],
    ['our own section', 'headrace:\n  turbo: true\n', '2:3', /unknown key/, /known here:.*media/],
    ['a section that is a list', 'router_settings: [1]\n', '1:18', /must be a mapping.*is a list/, undefined],
    ['model_list that is a map', 'model_list: {a: 1}\n', '1:13', /must be a list of models/, undefined],
    ['an empty entry', 'model_list:\n  -\n', '2:3', /must be a model.*is empty/, undefined],
    ['an entry that is a word', 'model_list:\n  - gpt-4\n', '2:5', /must be a model/, undefined],
    ['no model_name', 'model_list:\n  - litellm_params: {model: openai/x}\n', '2:5', /model_name is missing/, /model_name/],
    ['empty model_name', model('rpm: 1', 'model_name: ""'), '2:17', /model_name is missing/, /model_name/],
    ['model_name that is a number', model('rpm: 1', 'model_name: 4'), '2:17', /must be a text, is "4"/, /"4"/],
    ['no litellm_params', 'model_list:\n  - model_name: m\n', '2:5', /litellm_params is missing/, /provider\/name/],
    ['no model', 'model_list:\n  - model_name: m\n    litellm_params: {rpm: 1}\n', '3:21', /model is missing/, /model/],
    [
      'a key on the wrong level',
      'model_list:\n  - model_name: m\n    api_key: x\n    litellm_params: {model: openai/x}\n',
      '3:5',
      /unknown key/,
      undefined,
    ],
    ['no provider', model('rpm: 1', 'model_name: m', 'model: llama-3'), '4:14', /which provider/, /openai\/llama-3/],
    ['unknown provider', model('rpm: 1', 'model_name: m', 'model: opnai/gpt-4o'), '4:14', /provider "opnai" is not known/, /"openai"/],
    ['provider without model', model('rpm: 1', 'model_name: m', 'model: openai/'), '4:14', /no model/, /openai\//],
    ['more stars sent than asked', model('rpm: 1', 'model_name: m/*', 'model: openai/*-*'), '2:5', /more "\*"/, /as many/],
    ['misspelt parameter', model(`api_kye: ${SECRET}`), '5:7', /unknown key "api_kye"/, /"api_key"/],
    ['misspelt body parameter', model('temprature: 1'), '5:7', /unknown key/, /"temperature".*extra_body/],
    ['rpm in words', model('rpm: many'), '5:12', /whole number of requests per minute, 1 or more, is "many"/, undefined],
    ['negative rpm', model('rpm: -5'), '5:12', /is "-5"/, undefined],
    ['rpm with a fraction', model('rpm: 1.5'), '5:12', /whole number/, undefined],
    ['rpm in hexadecimal', model('rpm: 0x10'), '5:12', /whole number/, undefined],
    ['rpm that is a map', model('rpm: {a: 1}'), '5:12', /is a mapping/, undefined],
    ['endless time-out', model('timeout: .inf'), '5:16', /seconds/, undefined],
    ['negative price', model('input_cost_per_token: -1e-06'), '5:29', /price in US dollars per token/, undefined],
    ['price in words', model('input_cost_per_token: cheap'), '5:29', /price/, undefined],
    ['price with a huge exponent', model('input_cost_per_token: 1e-999'), '5:29', /price/, undefined],
    ['drop_params in words', model('drop_params: maybe'), '5:20', /true or false, is "maybe"/, undefined],
    ['extra_body that is a list', model('extra_body: [1]'), '5:19', /mapping of body fields/, undefined],
    ['a header name with a space', model('extra_headers: {"X Y": a}'), '5:30', /not a header name/, undefined],
    ['api_base without scheme', model('api_base: localhost:8000/v1'), '5:17', /http:\/\//, undefined],
    ['a secret that is a list', model('api_key: [a]'), '5:16', /must be a text, is a list/, undefined],
    ['a shell variable', model('api_key: ${OPENAI_API_KEY}'), '5:16', /is not how/, /os\.environ\/OPENAI_API_KEY/],
    ['a Python expression', model(`api_key: os.environ["KEY_1"]`), '5:16', /is not how/, /os\.environ\/KEY_1/],
    ['a variable without name', model('api_key: os.environ/'), '5:16', /followed by the name/, /OPENAI_API_KEY/],
    ['a missing variable for a number', model('rpm: os.environ/GONE'), '5:12', /GONE, which is not set/, /set GONE/],
    ['an empty variable for a number', model('rpm: os.environ/EMPTY'), '5:12', /EMPTY, which is not set/, /set EMPTY/],
    ['a missing variable deep in the body', model('extra_body: {a: [os.environ/GONE]}'), '5:19', /GONE/, undefined],
    ['wrong database_url', `general_settings:\n  database_url: mysql://u:${SECRET}@h\n`, '2:17', /postgresql:/, undefined],
    ['strategy misspelt', 'router_settings:\n  routing_strategy: simple-shufle\n', '2:21', /no routing strategy/, /"simple-shuffle"/],
    ['fallbacks that are words', 'router_settings:\n  fallbacks: [a]\n', '2:15', /mapping from a model name/, /my-model/],
    ['fallbacks to a map', 'router_settings:\n  fallbacks: [{a: {b: c}}]\n', '2:19', /list of texts/, undefined],
    ['alias to nothing', 'router_settings:\n  model_group_alias: {a: {hidden: true}}\n', '2:26', /model name/, undefined],
    ['a variable that is a list', `environment_variables:\n  A: [${SECRET}]\n`, '2:6', /environment variable/, undefined],
  ])('%s', (_name, text, place, message, suggestion) => {
    const { problems } = problemsOf(text);
    const first = problems[0];
    expect(`${first?.line}:${first?.column}`).toMatch(place.endsWith(':') ? place : new RegExp(`^${place}$`));
    expect(first?.message).toMatch(message);
    if (suggestion !== undefined) expect(first?.suggestion).toMatch(suggestion);
  });

  test('model_info.id used twice names the first use', () => {
    const entry = '  - {model_name: m, litellm_params: {model: openai/x}, model_info: {id: a}}\n';
    const { problems } = problemsOf(`model_list:\n${entry}${entry}`);
    expect(problems).toMatchObject([{ line: 3, message: 'model_info.id "a" is already used at config.yaml:2' }]);
  });

  test('aliases that multiply are refused before they fill the memory', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
    expect(problemsOf(`a0: &a0 [x]\n${levels.join('\n')}\n`).problems[0]?.message).toMatch(/multiply/);
  });

  test('an anchor may be used in a thousand entries', () => {
    const entries = Array.from({ length: 1_000 }, (_, at) => `  - {model_name: m${at}, litellm_params: {<<: *d, rpm: ${at + 1}}}`);
    const text = `callback_settings: {d: &d {model: openai/x, temperature: 1}}\nmodel_list:\n${entries.join('\n')}\n`;
    const { deployments } = parseConfig(text, { file: 'config.yaml', env: {}, providers: PROVIDERS });
    expect(deployments[999]).toMatchObject({ rpm: 1000, defaultParams: { temperature: 1 } });
  });

  test('all problems are told at once, in the order of the file', () => {
    const { problems } = problemsOf(`${model('rpm: x')}      tpm: y\nrouter_settings: {num_retries: z, bogus_key: 1}\n`);
    expect(problems.map((problem) => [problem.line, problem.path])).toEqual([
      [5, 'model_list[0].litellm_params.rpm'],
      [6, 'model_list[0].litellm_params.tpm'],
      [7, 'router_settings.num_retries'],
      [7, 'router_settings.bogus_key'],
    ]);
  });
});

describe('what people read', () => {
  test('one block per problem: place, line, reason, fix', () => {
    expect(describeConfigError(problemsOf(`${model('rpm: many')}router_setings: {}\n`))).toBe(
      [
        'The configuration has 2 problems:',
        'config.yaml:5:12  model_list[0].litellm_params.rpm\n  5 |       rpm: many\n  must be a whole number of requests per minute, 1 or more, is "many"',
        'config.yaml:6:1  router_setings\n  6 | router_setings: …\n  unknown key "router_setings"\n  fix: did you mean "router_settings"?',
      ].join('\n\n'),
    );
  });

  test.each([
    ['a misspelt key', model(`api_kye: ${SECRET}`)],
    ['a key where a number belongs', model(`rpm: ${SECRET}`)],
    ['a secret in a list', model(`api_key: [${SECRET}]`)],
    ['a flow mapping', `model_list: [{model_name: m, litellm_params: {model: nope, api_key: ${SECRET}}}]\n`],
    ['text after a quoted secret', `general_settings:\n  master_key: "a" ${SECRET}\n`],
    ['a quote that is not closed', `general_settings:\n  master_key: "${SECRET}\n`],
    ['a line without a key', `general_settings:\n  ${SECRET}\n  a: b\n`],
    ['a bad list', `- ${SECRET}\nmaster_key: ${SECRET}\n`],
    ['a URL with a password', `general_settings:\n  database_url: mysql://root:${SECRET}@host/db\n`],
    ['a URL as api_base', model(`api_base: ftp://u:${SECRET}@h`)],
    ['a header', model(`extra_headers: [${SECRET}]`)],
    ['a variable', `environment_variables:\n  SOME NAME: ${SECRET}\n`],
    [
      'a duplicate id beside a key',
      `model_list:\n${`  - {model_name: m, model_info: {id: a}, litellm_params: {model: openai/x, api_key: ${SECRET}}}\n`.repeat(2)}`,
    ],
    ['an unknown section', `secrets_of_mine: ${SECRET}\n`],
  ])('never shows a secret: %s', (_name, text) => {
    const error = problemsOf(text);
    for (const shown of [describeConfigError(error), error.message, JSON.stringify(error.problems)]) {
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain('do-not-show-me');
    }
  });
});
