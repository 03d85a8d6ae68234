import { type CredentialsEnvironment, credentialsError } from '../token-request.ts';

export type Profile = Readonly<Record<string, string>>;

/**
 * A profile of the shared files `~/.aws/credentials` and `~/.aws/config`, the first of which goes before
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html). Undefined when neither file has it.
 */
export function readProfile(name: string, { env, readFile }: CredentialsEnvironment): Profile | undefined {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? '';
  const files = [
    [env['AWS_CONFIG_FILE'] ?? `${home}/.aws/config`, name === 'default' ? 'default' : `profile ${name}`],
    [env['AWS_SHARED_CREDENTIALS_FILE'] ?? `${home}/.aws/credentials`, name],
  ] as const;
  const [config, credentials] = files.map(([path, section]) => parseSections(readText(path, readFile)).get(section));
  return config === undefined && credentials === undefined ? undefined : { ...config, ...credentials };
}

export function requireProfile(name: string, environment: CredentialsEnvironment): Profile {
  const profile = readProfile(name, environment);
  if (profile === undefined) throw credentialsError(`the AWS profile ${name} is in neither of the shared files`);
  return profile;
}

function readText(path: string, readFile: CredentialsEnvironment['readFile']): string {
  try {
    return readFile(path);
  } catch {
    return '';
  }
}

/** Sections of `key = value` lines; indented ones are nested settings of services, which say nothing about credentials. */
function parseSections(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (section !== undefined) {
      const name = section.replaceAll(/\s+/g, ' ').replaceAll(/["']/g, '');
      current = sections.get(name) ?? {};
      sections.set(name, current);
      continue;
    }
    const [, key, value] = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (current !== undefined && key !== undefined && value !== undefined) current[key.toLowerCase()] = value.replace(/\s[#;].*$/, '');
  }
  return sections;
}
