import { type CredentialsEnvironment, requestToken } from './token-request.ts';
import type { IssuedToken } from './token-source.ts';

export interface WorkspaceClient {
  /** `https://host` of the workspace. */
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** OAuth2 for a service principal of a workspace: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m */
export function workspaceIssuer(client: WorkspaceClient, environment: CredentialsEnvironment): () => Promise<IssuedToken> {
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
  const request = {
    url: `${client.origin}/oidc/v1/token`,
    headers: { authorization: `Basic ${basic}` },
    form: { grant_type: 'client_credentials', scope: 'all-apis' },
    authority: 'the workspace',
  };
  return () => requestToken(request, environment);
}
