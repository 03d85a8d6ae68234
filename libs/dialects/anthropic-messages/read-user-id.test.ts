import { describe, expect, it } from 'vitest';
import { readUserId } from './read-user-id.ts';

const HASH = 'ab'.repeat(32);
const SESSION = '0b5e3b4e-6f1c-4a0e-9d53-6f3f1f6b2c11';

describe('a user id', () => {
  it.each([
    ['of a coding agent', `user_${HASH}_account__session_${SESSION}`, HASH, SESSION],
    ['of a coding agent with an account', `user_${HASH}_account_9c1f-22_session_${SESSION}`, HASH, SESSION],
    ['of a coding agent, as JSON', JSON.stringify({ device_id: 'd', account_uuid: '', session_id: SESSION }), 'd', SESSION],
    [
      'of a coding agent with an account, as JSON',
      JSON.stringify({ device_id: 'd', account_uuid: 'a', session_id: SESSION }),
      'a',
      SESSION,
    ],
    ['of anybody else', 'customer_session_7', 'customer_session_7', undefined],
    ['that begins like JSON', '{nonsense', '{nonsense', undefined],
    ['that is other JSON', '{"x":1}', '{"x":1}', undefined],
  ])('%s gives its user and session', (_name, text, user, sessionId) => {
    expect(readUserId(text)).toEqual({ user, sessionId });
  });
});
