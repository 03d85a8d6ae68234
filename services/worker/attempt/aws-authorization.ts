import { type AwsSettings, regionOfHost, type RequestSigner, type TokenSources } from '#credentials';

export interface AwsQuestion {
  /** A parameter of the deployment, resolved. */
  readonly param: (name: string) => string | undefined;
  readonly setting: (name: string) => string | undefined;
  readonly origin: string;
  readonly service: string;
}

/** True when the deployment names credentials of its own: a bearer token of the environment is not meant for it. */
export function namesAwsCredentials(param: AwsQuestion['param']): boolean {
  return ['aws_access_key_id', 'aws_profile_name', 'aws_role_name', 'aws_web_identity_token'].some((name) => param(name) !== undefined);
}

/** Signs each request, with what the deployment names or what AWS's own tools would find. */
export function awsSigner({ param, setting, origin, service }: AwsQuestion, tokens: TokenSources): RequestSigner {
  const region = regionOfHost(new URL(origin).hostname) ?? setting('aws_region_name') ?? DEFAULT_REGION;
  const settings: AwsSettings = {
    accessKeyId: param('aws_access_key_id'),
    secretAccessKey: param('aws_secret_access_key'),
    sessionToken: param('aws_session_token'),
    region,
    profileName: param('aws_profile_name'),
    roleName: param('aws_role_name'),
    sessionName: param('aws_session_name'),
    externalId: param('aws_external_id'),
    webIdentityToken: param('aws_web_identity_token'),
    stsEndpoint: param('aws_sts_endpoint'),
  };
  return tokens.awsSigner(settings, service);
}

/** AWS's own default, for addresses and settings that name none. */
const DEFAULT_REGION = 'us-east-1';
