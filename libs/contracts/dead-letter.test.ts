import { expect, test } from 'vitest';
import { deadFilter, deadKind } from './dead-letter.ts';
import { deadEventSubject, deadJobSubject, deadSubmissionSubject } from './subjects.ts';

test.each([
  ['job', deadJobSubject({ lane: 'batch', tier: 'fast', provider: 'openai' })],
  ['event', deadEventSubject('attempt')],
  ['alert', deadEventSubject('alert')],
  ['submission', deadSubmissionSubject('batch')],
] as const)('a dead %s is known by its subject, and found by the filter of its kind', (kind, subject) => {
  expect(deadKind(subject)).toBe(kind);
  const pattern = deadFilter(kind).replaceAll('.', '\\.').replace('>', '.+');
  expect(subject).toMatch(new RegExp(`^${pattern}$`));
});
