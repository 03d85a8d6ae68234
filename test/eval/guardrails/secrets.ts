import { lookAlikes, type LabelledText, positives } from './labelled-text.ts';
import { range } from './make-numbers.ts';

/** Made here from parts, so that nothing in this file looks like a key to a scanner. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function signs(seed: number, length: number, alphabet = ALPHABET): string {
  let state = seed + 1;
  return range(length, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return alphabet[(state >>> 10) % alphabet.length] ?? '';
  }).join('');
}

const of = (...parts: readonly string[]): string => parts.join('');
const FRAMES = ['Use {} for the test.', 'export KEY={}', 'It is "{}", do not share it.'];

export const SECRETS: readonly LabelledText[] = [
  ...positives(
    'GITHUB_TOKEN',
    FRAMES,
    range(3, (seed) => of('gh', 'p_', signs(seed, 36))),
  ),
  ...positives('SLACK_TOKEN', FRAMES, [of('xo', 'xb-', '123456789012', '-1234567890123-', signs(5, 24))]),
  ...positives(
    'AWSAccessKeyID',
    FRAMES,
    range(2, (seed) => of('AK', 'IA', signs(seed + 10, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'))),
  ),
  ...positives(
    'ANTHROPIC_API_KEY',
    FRAMES,
    range(2, (seed) => of('sk-', 'ant-api03-', signs(seed + 20, 93), 'AA')),
  ),
  ...positives(
    'OPENAI_TOKEN',
    FRAMES,
    range(2, (seed) => of('sk-', 'proj-', signs(seed + 30, 74), 'T3Blbk', 'FJ', signs(seed + 40, 74))),
  ),
  ...positives('SENDGRID_KEY', FRAMES, [of('SG', '.', signs(50, 22), '.', signs(51, 43))]),
  ...positives('STRIPE_SECRET_KEY_LIVE', FRAMES, [of('sk', '_live_', signs(60, 24))]),
  ...positives('NPM_ACCESS_TOKEN', FRAMES, [of('np', 'm_', signs(70, 36))]),
  ...positives('HUGGINGFACE_USER_ACCESS_TOKEN', FRAMES, [
    of('h', 'f_', signs(80, 34, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')),
  ]),
  ...positives('GITLAB_PERSONAL_ACCESS_TOKEN', FRAMES, [of('gl', 'pat-', signs(90, 20))]),
  ...positives(
    'PostgreSQLConnection',
    ['Connect to {} from the job.'],
    [of('postgres', '://admin:', signs(100, 16), '@db.example.com:5432/app')],
  ),
  ...lookAlikes(
    'The commit is 3f2504e04f8911d39a0c0305e82c3301.',
    'Set the variable GITHUB_TOKEN in your shell.',
    'Keys begin with sk- and are secret.',
    'ghp_ is the prefix',
    'postgres://localhost/app',
    'AKIA is how such ids begin',
    'The hash is sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'npm_config_registry is a setting',
    'uuid 123e4567-e89b-12d3-a456-426614174000',
    'password: please ask the administrator',
    'Use a token of at least 32 signs.',
    'xoxb stands for a bot token',
    'hf_hub_download is a function',
    'sk-test is no key',
    'Authorization: Bearer <your key>',
    'base64 aGVsbG8gd29ybGQ=',
    'The API key is on the second page.',
    'Postgres wants user and password',
    'SG. is short for Singapore',
    'glpat- and the rest',
  ),
];
