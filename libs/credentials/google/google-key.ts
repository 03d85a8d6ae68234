import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CredentialsEnvironment, credentialsError, textMember } from '../token-request.ts';

/** A credentials file of Google's, by its `type`: `service_account`, `authorized_user`, `external_account`. */
export type GoogleKey = Readonly<Record<string, unknown>>;

/**
 * The Google credentials of a deployment: what its setting holds (JSON, or the path of a file with it), else the file that
 * GOOGLE_APPLICATION_CREDENTIALS names, else the one `gcloud auth application-default login` writes. Undefined: only the machine's own
 * are left. The order is that of https://cloud.google.com/docs/authentication/application-default-credentials.
 */
export function findGoogleKey(setting: string | undefined, environment: CredentialsEnvironment): GoogleKey | undefined {
  if (setting !== undefined) return setting.trimStart().startsWith('{') ? parseKey(setting) : readKey(setting, environment);
  const { GOOGLE_APPLICATION_CREDENTIALS: named, CLOUDSDK_CONFIG: folder } = environment.env;
  if (named) return named.trimStart().startsWith('{') ? parseKey(named) : readKey(named, environment);
  const wellKnown = join(folder ?? join(environment.env['HOME'] ?? homedir(), '.config', 'gcloud'), 'application_default_credentials.json');
  try {
    return parseKey(environment.readFile(wellKnown));
  } catch {
    return undefined;
  }
}

function readKey(path: string, { readFile }: CredentialsEnvironment): GoogleKey {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    throw credentialsError('the file with the Google credentials can not be read', error);
  }
  return parseKey(text);
}

/** The parser's own message may repeat the text, so it is not kept as the cause. */
function parseKey(text: string): GoogleKey {
  try {
    const key: unknown = JSON.parse(text);
    if (typeof key === 'object' && key !== null) return { ...key };
  } catch {
    // told below
  }
  throw credentialsError('the Google credentials are neither JSON nor the path of a file with it');
}

/** The project that the credentials belong to, for a deployment that names none. Throws like `findGoogleKey`. */
export function googleProject(setting: string | undefined, environment: CredentialsEnvironment): string | undefined {
  const key = findGoogleKey(setting, environment);
  return textMember(key, 'project_id') ?? textMember(key, 'quota_project_id');
}
