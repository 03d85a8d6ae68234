import { type CredentialsEnvironment, credentialsError } from '../token-request.ts';
import { createTokenSource } from '../token-source.ts';
import { assumeRole, assumeRoleWithWebIdentity, type RoleQuestion } from './assume-role.ts';
import type { IssuedCredentials } from './issued-credentials.ts';
import { containerCredentials, instanceCredentials } from './machine-credentials.ts';
import { type Profile, readProfile, requireProfile } from './shared-profile.ts';
import type { AwsCredentials } from './sign-aws.ts';
import { readWebIdentity } from './web-identity.ts';

/** Settings of a deployment, as `litellm_params` names them without `aws_`; resolved, so that they may hold secrets. */
export interface AwsSettings {
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  readonly region: string;
  readonly profileName?: string | undefined;
  readonly roleName?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
  /** The token, or where it is (see `web-identity.ts`). */
  readonly webIdentityToken?: string | undefined;
  readonly stsEndpoint?: string | undefined;
}

export interface AwsCredentialsSource {
  /** At once while they are good. Rejects with `GatewayError` `upstream_auth`. */
  credentials(): AwsCredentials | Promise<AwsCredentials>;
}

const SESSION_NAME = 'headrace';
/** A person's keys have no end: their file is read again now and then, as people change keys. */
const REREAD_MS = 15 * 60_000;
/** Profiles may name each other as their source. */
const DEEPEST_PROFILE = 5;

/**
 * Credentials for a deployment: what its settings name (a role by web identity, a role, a profile, keys), else what AWS's own tools would
 * find (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html): keys in the environment, a role by the web identity
 * of the pod, the shared files, the container, the instance. Kept until five minutes before their end.
 */
export function awsCredentials(settings: AwsSettings, environment: CredentialsEnvironment): AwsCredentialsSource {
  let latest: AwsCredentials | undefined;
  const issue = async () => {
    const { expiresAt, ...credentials } = await find(settings, environment);
    latest = credentials;
    return { token: credentials.accessKeyId, expiresAt: expiresAt === Infinity ? environment.now() + REREAD_MS : expiresAt };
  };
  const source = createTokenSource(issue, environment.now);
  const current = (): AwsCredentials => {
    if (latest === undefined) throw credentialsError('there are no AWS credentials');
    return latest;
  };
  return {
    credentials: () => {
      const token = source.token();
      return typeof token === 'string' ? current() : token.then(current);
    },
  };
}

function find(settings: AwsSettings, environment: CredentialsEnvironment): Promise<IssuedCredentials> {
  const { roleName, webIdentityToken, profileName } = settings;
  if (webIdentityToken !== undefined) {
    if (roleName === undefined) throw credentialsError('aws_web_identity_token needs an aws_role_name');
    return assumeRoleWithWebIdentity(roleOf(roleName, settings, environment), readWebIdentity(webIdentityToken, environment), environment);
  }
  const own = profileName === undefined ? undefined : () => ofProfile(requireProfile(profileName, environment), settings, environment, 0);
  const base = own ?? (() => ownKeys(settings) ?? ambient(settings, environment));
  return roleName === undefined ? base() : base().then((keys) => assumeRole(roleOf(roleName, settings, environment), keys, environment));
}

function roleOf(roleArn: string, settings: AwsSettings, { env }: CredentialsEnvironment): RoleQuestion {
  return {
    roleArn,
    sessionName: settings.sessionName ?? env['AWS_ROLE_SESSION_NAME'] ?? SESSION_NAME,
    externalId: settings.externalId,
    region: settings.region,
    endpoint: settings.stsEndpoint ?? env['AWS_ENDPOINT_URL_STS'],
  };
}

function ownKeys({ accessKeyId, secretAccessKey, sessionToken }: AwsSettings): Promise<IssuedCredentials> | undefined {
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw credentialsError('aws_access_key_id and aws_secret_access_key go together');
  }
  return Promise.resolve({ accessKeyId, secretAccessKey, sessionToken, expiresAt: Infinity });
}

async function ambient(settings: AwsSettings, environment: CredentialsEnvironment): Promise<IssuedCredentials> {
  const { env } = environment;
  const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']];
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] || undefined, expiresAt: Infinity };
  }
  const [tokenFile, roleArn] = [env['AWS_WEB_IDENTITY_TOKEN_FILE'], env['AWS_ROLE_ARN']];
  if (tokenFile && roleArn) {
    const token = readWebIdentity(`oidc/file/${tokenFile}`, environment);
    return assumeRoleWithWebIdentity(roleOf(roleArn, settings, environment), token, environment);
  }
  const profile = env['AWS_PROFILE'] ? requireProfile(env['AWS_PROFILE'], environment) : readProfile('default', environment);
  if (profile !== undefined && namesCredentials(profile)) return ofProfile(profile, settings, environment, 0);
  return (await containerCredentials(environment)) ?? instanceCredentials(environment);
}

/** The default profile may hold no more than a region. */
function namesCredentials(profile: Profile): boolean {
  return ['aws_access_key_id', 'role_arn', 'credential_process', 'sso_session', 'sso_start_url', 'login_session'].some(
    (key) => key in profile,
  );
}

async function ofProfile(
  profile: Profile,
  settings: AwsSettings,
  environment: CredentialsEnvironment,
  depth: number,
): Promise<IssuedCredentials> {
  const { role_arn: roleArn, source_profile: source, credential_source: from, web_identity_token_file: tokenFile } = profile;
  if (roleArn === undefined) return keysOf(profile);
  const role: RoleQuestion = {
    ...roleOf(roleArn, settings, environment),
    sessionName: profile['role_session_name'] ?? settings.sessionName ?? SESSION_NAME,
    externalId: profile['external_id'] ?? settings.externalId,
  };
  if (tokenFile !== undefined) return assumeRoleWithWebIdentity(role, readWebIdentity(`oidc/file/${tokenFile}`, environment), environment);
  if (depth >= DEEPEST_PROFILE) throw credentialsError('AWS profiles name each other in a circle');
  const keys =
    source === undefined ? await ofSource(from, environment) : await ofSourceProfile(source, profile, settings, environment, depth);
  return assumeRole(role, keys, environment);
}

/** A profile may name itself: its own keys take its role. */
function ofSourceProfile(
  name: string,
  profile: Profile,
  settings: AwsSettings,
  environment: CredentialsEnvironment,
  depth: number,
): Promise<IssuedCredentials> {
  const source = requireProfile(name, environment);
  const isItself = source['role_arn'] === profile['role_arn'] && source['aws_access_key_id'] !== undefined;
  return isItself ? Promise.resolve(keysOf(source)) : ofProfile(source, settings, environment, depth + 1);
}

async function ofSource(from: string | undefined, environment: CredentialsEnvironment): Promise<IssuedCredentials> {
  switch (from) {
    case 'Ec2InstanceMetadata':
      return instanceCredentials(environment);
    case 'EcsContainer': {
      const found = await containerCredentials(environment);
      if (found !== undefined) return found;
      throw credentialsError('an AWS profile names the container as its source, and there is none');
    }
    case 'Environment':
      return keysOf({
        aws_access_key_id: environment.env['AWS_ACCESS_KEY_ID'] ?? '',
        aws_secret_access_key: environment.env['AWS_SECRET_ACCESS_KEY'] ?? '',
        aws_session_token: environment.env['AWS_SESSION_TOKEN'] ?? '',
      });
    default:
      throw credentialsError('an AWS profile with a role needs a source_profile, a credential_source or a web_identity_token_file');
  }
}

function keysOf(profile: Profile): IssuedCredentials {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, aws_session_token: sessionToken } = profile;
  if (!accessKeyId || !secretAccessKey) {
    throw credentialsError('an AWS profile has no keys; profiles of SSO, of a login session or of a credential_process are not supported');
  }
  return { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined, expiresAt: Infinity };
}
