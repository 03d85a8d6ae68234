export type { AwsSettings } from './aws/aws-credentials.ts';
export { regionOfHost, type RequestSigner } from './aws/request-signer.ts';
export { signAws } from './aws/sign-aws.ts';
export { googleProject } from './google/google-key.ts';
export type { CredentialsEnvironment, Fetch } from './token-request.ts';
export type { TokenSource } from './token-source.ts';
export { createTokenSources, type TokenSources } from './token-sources.ts';
