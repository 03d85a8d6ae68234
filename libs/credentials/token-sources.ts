import { createHash } from 'node:crypto';
import { awsCredentials, type AwsCredentialsSource, type AwsSettings } from './aws/aws-credentials.ts';
import { createRequestSigner, type RequestSigner } from './aws/request-signer.ts';
import { type EntraSettings, entraIssuer } from './entra-id.ts';
import { googleIssuer } from './google/google-token.ts';
import { ibmIamIssuer } from './ibm-iam.ts';
import type { CredentialsEnvironment } from './token-request.ts';
import { createTokenSource, type IssuedToken, type TokenSource } from './token-source.ts';
import { type WorkspaceClient, workspaceIssuer } from './workspace-oauth.ts';

/** Tokens by the credentials they are got with: deployments with the same ones share a token and the request for it. */
export interface TokenSources {
  /** `setting`: JSON, or the path of a file with it. Throws `GatewayError` for credentials that can't be read. */
  google(setting: string | undefined): TokenSource;
  /** Undefined: nothing says how to get one. */
  entra(settings: EntraSettings): TokenSource | undefined;
  ibmIam(apiKey: string, url: string | undefined): TokenSource;
  workspace(client: WorkspaceClient): TokenSource;
  /** `service`: `bedrock`, `sagemaker`. */
  awsSigner(settings: AwsSettings, service: string): RequestSigner;
}

export function createTokenSources(environment: CredentialsEnvironment): TokenSources {
  const known = new Map<string, TokenSource>();
  const knownAws = new Map<string, AwsCredentialsSource>();
  const shared = (kind: string, credentials: object, issue: () => Promise<IssuedToken>): TokenSource => {
    const key = keyOf(kind, credentials);
    const source = known.get(key) ?? createTokenSource(issue, environment.now);
    known.set(key, source);
    return source;
  };
  return {
    google: (setting) => shared('google', { setting }, googleIssuer(setting, environment)),
    entra: (settings) => {
      const issue = entraIssuer(settings, environment);
      return issue && shared('entra', settings, issue);
    },
    ibmIam: (apiKey, url) => shared('ibm', { apiKey, url }, ibmIamIssuer(apiKey, url, environment)),
    workspace: (client) => shared('workspace', client, workspaceIssuer(client, environment)),
    awsSigner: (settings, service) => {
      const key = keyOf('aws', settings);
      const source = knownAws.get(key) ?? awsCredentials(settings, environment);
      knownAws.set(key, source);
      return createRequestSigner(source, { region: settings.region, service }, environment.now);
    },
  };
}

/** A digest, so that no secret is kept longer than the source itself needs it. */
function keyOf(kind: string, credentials: object): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, credentials]))
    .digest('base64');
}
