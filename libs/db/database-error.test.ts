import { expect, test } from 'vitest';
import { InvalidMessage } from '#contracts';
import { driverError, isContention, isDatabaseDown, isRefusedData, violatedUnique } from './database-error.ts';

const failure = (fields: object, message = 'failed') => Object.assign(new Error(message), fields);
const wrapped = (cause: Error) => new Error('Failed query: …', { cause });

test.each([
  ['connection refused', failure({ code: 'ECONNREFUSED' }), 'down'],
  ['connection reset under a query', failure({ code: 'ECONNRESET' }), 'down'],
  ['the server ends the session', failure({ code: '57P01' }), 'down'],
  ['the server is starting', failure({ code: '57P03' }), 'down'],
  ['too many connections', failure({ code: '53300' }), 'down'],
  ['the statement took too long', failure({ code: '57014' }), 'down'],
  ['the connection ended', failure({}, 'Connection terminated unexpectedly'), 'down'],
  ['no connection in time', failure({}, 'timeout exceeded when trying to connect'), 'down'],
  ['no answer in time', failure({}, 'Query read timeout'), 'down'],
  ['any of these below drizzle', wrapped(failure({ code: 'ECONNREFUSED' })), 'down'],
  ['a number that is none', failure({ code: '22P02' }), 'refused'],
  ['a broken constraint', failure({ code: '23514' }), 'refused'],
  ['a value too large for its index', failure({ code: '54000' }), 'refused'],
  ['an event of another shape', new InvalidMessage('tags are no list'), 'refused'],
  ['a table that is not there', failure({ code: '42P01' }), 'neither'],
  ['a deadlock', failure({ code: '40P01' }), 'contention'],
  ['a serialization failure below drizzle', wrapped(failure({ code: '40001' })), 'contention'],
  ['a mistake of ours', new TypeError('undefined is not a function'), 'neither'],
  ['nothing at all', undefined, 'neither'],
])('%s', (_name, error, expected) => {
  const kinds = { down: isDatabaseDown, refused: isRefusedData, contention: isContention };
  const found = Object.entries(kinds).flatMap(([kind, is]) => (is(error) ? [kind] : []));
  expect(found).toEqual(expected === 'neither' ? [] : [expected]);
});

test('a broken unique constraint is known by name, also below drizzle', () => {
  expect(violatedUnique(wrapped(failure({ code: '23505', constraint: 'virtual_keys_alias' })))).toBe('virtual_keys_alias');
  expect(violatedUnique(failure({ code: '23514', constraint: 'other' }))).toBeUndefined();
});

test('what is logged of a failed statement holds none of its parameters', () => {
  const cause = failure({ code: '57P01' }, 'terminating connection');
  const withParams = Object.assign(wrapped(cause), { params: ['alias-of-a-customer'] });
  expect(driverError(withParams)).toBe(cause);
  expect(driverError(cause)).toBe(cause);
});
