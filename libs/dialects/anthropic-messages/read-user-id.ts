import { parseRecord, stringAt } from '../json/record.ts';

/** What a coding agent packs into `metadata.user_id`. */
export interface AgentUser {
  /** The user without account and session, so that it stays the same from session to session. */
  readonly user: string;
  readonly sessionId: string | undefined;
}

/** `user_<64 hex digits>_account_<uuid or nothing>_session_<uuid>`, as Claude Code writes it. */
const COMPOSITE = /^user_([0-9a-f]{16,64})_account_[\w-]*_session_([\w-]+)$/;

/**
 * Claude Code names user, account and session in one: composed as above, or as the JSON text of `{device_id, account_uuid,
 * session_id}` in newer versions. Any other text is the user itself.
 */
export function readUserId(userId: string): AgentUser {
  const [, user, session] = COMPOSITE.exec(userId) ?? [];
  if (user !== undefined) return { user, sessionId: session };
  const parts = userId.startsWith('{') ? parseRecord(userId) : undefined;
  if (parts === undefined) return { user: userId, sessionId: undefined };
  return { user: stringAt(parts, 'account_uuid') ?? stringAt(parts, 'device_id') ?? userId, sessionId: stringAt(parts, 'session_id') };
}
