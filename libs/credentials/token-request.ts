import { GatewayError } from '#contracts';
import type { IssuedToken } from './token-source.ts';

/** The part of `fetch` that is used; tests give one that leads to this machine. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What libs/credentials needs from the process it runs in. */
export interface CredentialsEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: Fetch;
  readonly now: () => number;
  /** UTF-8 text; throws when there is no such file. */
  readonly readFile: (path: string) => string;
}

export interface TokenRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A POST with a form, as OAuth2 wants it; a GET without. */
  readonly form?: Readonly<Record<string, string>> | undefined;
  /** Who is asked, for messages: `Google`. */
  readonly authority: string;
}

const TIMEOUT_MS = 10_000;
/** Of an authority that does not say how long its token lives. */
const DEFAULT_LIFE_S = 600;

/**
 * Asks for an OAuth2 token (https://www.rfc-editor.org/rfc/rfc6749#section-5.1). Throws `GatewayError` `upstream_auth`, to be tried
 * elsewhere, whose message names the authority, the status and OAuth's error code, never what was sent or received.
 */
export async function requestToken(request: TokenRequest, { fetch, now }: CredentialsEnvironment): Promise<IssuedToken> {
  const askedAt = now();
  const { status, body } = await send(request, fetch);
  const token = textMember(body, 'access_token');
  if (status >= 200 && status < 300 && token !== undefined) return { token, expiresAt: askedAt + 1_000 * lifeSeconds(body, askedAt) };
  const code = textMember(body, 'error') ?? textMember(body, 'errorCode');
  // codes are single words; anything longer may repeat what was sent
  const detail = code !== undefined && /^[\w.-]{1,64}$/.test(code) ? ` (${code})` : '';
  throw credentialsError(`${request.authority} gave no token: status ${status}${detail}`);
}

async function send({ url, headers, form, authority }: TokenRequest, fetch: Fetch): Promise<{ status: number; body: unknown }> {
  const init: RequestInit = form === undefined ? { method: 'GET' } : { method: 'POST', body: new URLSearchParams(form).toString() };
  const contentType = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  try {
    const answer = await fetch(url, {
      ...init,
      headers: { accept: 'application/json', ...contentType, ...headers },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: answer.status, body: parse(await answer.text()) };
  } catch (error) {
    throw credentialsError(`${authority} could not be asked for a token`, error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `expires_in` in seconds, as a number or as text; Azure's App Service gives `expires_on` instead, a Unix time in seconds. */
function lifeSeconds(body: unknown, atMs: number): number {
  const seconds = Number(member(body, 'expires_in'));
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  const until = Number(member(body, 'expires_on'));
  return Number.isFinite(until) && until * 1_000 > atMs ? until - atMs / 1_000 : DEFAULT_LIFE_S;
}

export function textMember(body: unknown, name: string): string | undefined {
  const value = member(body, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

/** The deployment can't be used as it is set up; another one may be. `detail` is public. */
export function credentialsError(detail: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_auth', `A deployment is not set up: ${detail}.`, { retry: 'elsewhere', cause });
}
