import type { IncomingHttpHeaders } from 'node:http';
import type { AccessSettings } from '#config';
import { type Attribution, MASTER_KEY_HASH } from '#contracts';
import { readUserId } from '#dialects';
import type { Principal } from '../auth/authenticate.ts';

/** Headers that name users, from the configuration. */
type UserHeaders = Pick<AccessSettings, 'endUserHeaders' | 'userHeader'>;

const LONGEST_VALUE = 256;
const MOST_TAGS = 64;

/**
 * Whom a request is billed to and filed under: the key's own team, user and tags, and what the request says of its end
 * user, session, agent and tags in LiteLLM's, OpenAI's and Anthropic's fields, and in headers that the configuration names. Text is cut at 256 characters.
 */
export function attributionOf(
  principal: Principal,
  headers: IncomingHttpHeaders,
  fields: Readonly<Record<string, unknown>>,
  users?: UserHeaders,
): Attribution {
  const record = principal.kind === 'key' ? principal.record : undefined;
  const metadata = asRecord(fields['metadata']);
  const agentUser = typeof metadata?.['user_id'] === 'string' ? readUserId(metadata['user_id']) : undefined;
  return {
    keyHash: record?.hash ?? MASTER_KEY_HASH,
    keyAlias: record?.alias,
    teamId: record?.teamId,
    organizationId: record?.organizationId,
    userId: users?.userHeader === undefined ? record?.userId : (firstText(headers[users.userHeader]) ?? record?.userId),
    endUser:
      firstText(headers['x-litellm-customer-id'], headers['x-litellm-end-user-id']) ??
      (users === undefined ? undefined : firstText(...users.endUserHeaders.map((name) => headers[name]))) ??
      firstText(fields['user'], fields['safety_identifier'], agentUser?.user),
    sessionId: firstText(
      headers['x-litellm-session-id'],
      headers['x-headrace-session'],
      fields['litellm_session_id'],
      metadata?.['session_id'],
      headers['x-claude-code-session-id'],
      agentUser?.sessionId,
      headers['x-litellm-trace-id'],
      fields['litellm_trace_id'],
    ),
    agent: firstText(headers['x-headrace-agent'], headers['x-litellm-agent-id'], metadata?.['agent']),
    tags: tagsOf(record?.tags, headers['x-litellm-tags'], metadata?.['tags'], fields['tags']),
  };
}

function tagsOf(...sources: readonly unknown[]): readonly string[] | undefined {
  const tags = new Set<string>();
  for (const source of sources) {
    const list = typeof source === 'string' ? source.split(',') : Array.isArray(source) ? source : [];
    for (const tag of list) {
      const text = asText(tag);
      if (text !== undefined && tags.size < MOST_TAGS) tags.add(text);
    }
  }
  return tags.size > 0 ? [...tags] : undefined;
}

function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const text = asText(value);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Control characters (NUL above all, which Postgres refuses in text) are dropped. */
function asText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.replaceAll(/[\u0000-\u001f\u007f]/g, '').trim();
  return text === '' ? undefined : text.slice(0, LONGEST_VALUE);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
