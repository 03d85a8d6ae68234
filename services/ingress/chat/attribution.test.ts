import { describe, expect, test } from 'vitest';
import { MASTER_KEY_HASH } from '#contracts';
import type { Principal } from '../auth/authenticate.ts';
import { attributionOf } from './attribution.ts';
import { passedHeaders } from './passed-headers.ts';

const key: Principal = {
  kind: 'key',
  record: { v: 1, hash: 'h1', masked: 'sk-…abcd', alias: 'ci', teamId: 't1', userId: 'u1', models: [], blocked: false, tags: ['of-key'] },
};

const AGENT_USER = `user_${'ab'.repeat(32)}_account__session_1-2`;

describe('a request is filed under', () => {
  test('its key, with alias, team, user and tags', () => {
    expect(attributionOf(key, {}, {})).toMatchObject({ keyHash: 'h1', keyAlias: 'ci', teamId: 't1', userId: 'u1', tags: ['of-key'] });
  });

  test('a name instead of a hash when it came with the master key', () => {
    expect(attributionOf({ kind: 'master' }, {}, {})).toMatchObject({ keyHash: MASTER_KEY_HASH, tags: undefined });
  });

  test('never another key, team or user than its own, whatever it says', () => {
    const said = { keyHash: 'x', teamId: 'x', userId: 'x', metadata: { team_id: 'x', user_api_key: 'x', keyHash: 'x' } };
    expect(attributionOf(key, {}, said)).toMatchObject({ keyHash: 'h1', teamId: 't1', userId: 'u1' });
  });

  test.each<[string, Record<string, string>, Record<string, unknown>, string, string | undefined]>([
    ['the end user of a header', { 'x-litellm-customer-id': 'h' }, { user: 'b' }, 'endUser', 'h'],
    ['the end user of the body', {}, { user: 'b' }, 'endUser', 'b'],
    ['the end user of the newer field', {}, { safety_identifier: 's' }, 'endUser', 's'],
    ['no end user that is no text', {}, { user: { id: 1 } }, 'endUser', undefined],
    ['no end user that is blank', {}, { user: ' \u0000\n ' }, 'endUser', undefined],
    ['the session of a header', { 'x-headrace-session': 's1' }, { metadata: { session_id: 's2' } }, 'sessionId', 's1'],
    ['the session of the metadata', {}, { metadata: { session_id: 's2' } }, 'sessionId', 's2'],
    ['the session that a coding agent packs into its user', {}, { metadata: { user_id: AGENT_USER } }, 'sessionId', '1-2'],
    [
      'the session of a coding agent’s header',
      { 'x-claude-code-session-id': 's3' },
      { metadata: { user_id: AGENT_USER } },
      'sessionId',
      's3',
    ],
    ['the user of a coding agent', {}, { metadata: { user_id: AGENT_USER } }, 'endUser', 'ab'.repeat(32)],
    ['the end user of Anthropic’s metadata', {}, { metadata: { user_id: 'u7' } }, 'endUser', 'u7'],
    ['the trace where there is no session', { 'x-litellm-trace-id': 't1' }, {}, 'sessionId', 't1'],
    ['the agent of a header', { 'x-headrace-agent': 'coder' }, { metadata: { agent: 'x' } }, 'agent', 'coder'],
    ['the agent of the metadata', {}, { metadata: { agent: 'planner' } }, 'agent', 'planner'],
    ['no agent of metadata that is a list', {}, { metadata: ['agent'] }, 'agent', undefined],
    ['no agent of metadata that is null', {}, { metadata: null }, 'agent', undefined],
  ])('%s', (_what, headers, fields, name, expected) => {
    expect(attributionOf(key, headers, fields)[name as 'agent']).toBe(expected);
  });
});

describe('text from a request', () => {
  test('is cut at 256 characters', () => {
    expect(attributionOf(key, {}, { user: 'x'.repeat(10_000) }).endUser).toHaveLength(256);
  });

  test('loses its control characters, NUL above all, which Postgres refuses', () => {
    expect(attributionOf(key, {}, { user: 'a\u0000b\r\nc\u007f\u001bd' }).endUser).toBe('abcd');
  });

  test('keeps every other script', () => {
    expect(attributionOf(key, {}, { user: ' Zoë 山田 😀 ' }).endUser).toBe('Zoë 山田 😀');
  });
});

describe('headers that the configuration names', () => {
  const users = { endUserHeaders: ['x-mail', 'x-user'], userHeader: 'x-id' };

  test.each<[Record<string, string>, object, string | undefined]>([
    [{ 'x-user': 'b', 'x-mail': 'a' }, { user: 'body' }, 'a'],
    [{ 'x-user': 'b', 'x-mail': ' ' }, {}, 'b'],
    [{ 'x-mail': 'a', 'x-litellm-end-user-id': 'e' }, {}, 'e'],
    [{}, { user: 'body' }, 'body'],
  ])('%j with %j: the end user is %s', (headers, fields, endUser) => {
    expect(attributionOf(key, headers, { ...fields }, users).endUser).toBe(endUser);
  });

  test('name the user in place of the key’s own, which counts where they are missing', () => {
    expect(attributionOf(key, { 'x-id': 'u2' }, {}, users).userId).toBe('u2');
    expect(attributionOf(key, {}, {}, users).userId).toBe('u1');
    expect(attributionOf(key, { 'x-id': 'u2', 'x-mail': 'a' }, {})).toMatchObject({ userId: 'u1', endUser: undefined });
  });
});

describe('tags', () => {
  test('are those of key, header, metadata and body, each once', () => {
    const { tags } = attributionOf(key, { 'x-litellm-tags': 'a, b,,a' }, { metadata: { tags: ['b', 'c'] }, tags: ['d'] });
    expect(tags).toEqual(['of-key', 'a', 'b', 'c', 'd']);
  });

  test('are 64 at most, and the key’s own come first', () => {
    const { tags } = attributionOf(key, {}, { tags: Array.from({ length: 500 }, (_, index) => `t${index}`) });
    expect(tags).toHaveLength(64);
    expect(tags?.[0]).toBe('of-key');
  });

  test.each([[5], [{ a: 1 }], [[1, null, {}, ['x'], '']], [null]])('that are %j are left out', (tags) => {
    expect(attributionOf(key, {}, { tags }).tags).toEqual(['of-key']);
  });
});

test('only headers that mean something to a provider are passed on, never a credential', () => {
  const headers = {
    authorization: 'Bearer sk-1',
    'x-api-key': 'sk-1',
    cookie: 'a=b',
    host: 'gateway',
    'x-litellm-tags': 'a',
    'openai-beta': 'assistants=v2',
    'anthropic-beta': 'x-1',
  };
  expect(passedHeaders(headers)).toEqual({ 'openai-beta': 'assistants=v2', 'anthropic-beta': 'x-1' });
});
