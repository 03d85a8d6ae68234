import { type CredentialsEnvironment, credentialsError } from '../token-request.ts';

export interface AuthorityQuestion {
  readonly url: string;
  readonly method?: 'GET' | 'PUT' | 'POST' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  /** For messages: `the instance metadata service`. */
  readonly authority: string;
}

/** The text of a 2xx answer. Throws `GatewayError` `upstream_auth`; its message has nothing of what was sent or received but a status and an error code. */
export async function askAuthority(question: AuthorityQuestion, { fetch }: Pick<CredentialsEnvironment, 'fetch'>): Promise<string> {
  const { status, text } = await send(question, fetch);
  if (status >= 200 && status < 300) return text;
  // STS says why in a word
  const code = /<Code>([A-Za-z.]{1,64})<\/Code>/.exec(text)?.[1];
  throw credentialsError(`${question.authority} gave no AWS credentials: status ${status}${code === undefined ? '' : ` (${code})`}`);
}

async function send(question: AuthorityQuestion, fetch: CredentialsEnvironment['fetch']): Promise<{ status: number; text: string }> {
  const { url, method = 'GET', headers = {}, body, timeoutMs, authority } = question;
  try {
    const answer = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    throw credentialsError(`${authority} could not be asked for AWS credentials`, error);
  }
}
