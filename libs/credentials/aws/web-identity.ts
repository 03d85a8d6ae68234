import { type CredentialsEnvironment, credentialsError } from '../token-request.ts';

const FILE = 'oidc/file/';
const ENV = 'oidc/env/';
const ENV_PATH = 'oidc/env_path/';

/**
 * The web identity token that `aws_web_identity_token` names, in LiteLLM's forms: `oidc/file/<path>`, `oidc/env/<variable>`,
 * `oidc/env_path/<variable with a path>`, the path of a file, or the token itself. Read every time: platforms replace it.
 */
export function readWebIdentity(setting: string, { env, readFile }: CredentialsEnvironment): string {
  if (setting.startsWith(ENV)) return required(env[setting.slice(ENV.length)], setting);
  if (setting.startsWith(ENV_PATH)) return read(required(env[setting.slice(ENV_PATH.length)], setting), readFile);
  if (setting.startsWith(FILE)) return read(setting.slice(FILE.length), readFile);
  if (setting.startsWith('oidc/')) throw credentialsError(`aws_web_identity_token can't be read from ${setting.split('/', 2).join('/')}`);
  return setting.startsWith('/') ? read(setting, readFile) : setting;
}

function required(value: string | undefined, setting: string): string {
  if (value) return value;
  throw credentialsError(`the variable that aws_web_identity_token names (${setting}) is not set`);
}

function read(path: string, readFile: CredentialsEnvironment['readFile']): string {
  try {
    return readFile(path).trim();
  } catch (error) {
    throw credentialsError('the file of the AWS web identity token can not be read', error);
  }
}
