import { expect, test } from 'vitest';
import type { AdmissionAnswer } from '#contracts';
import { createAdmissionEngine } from './engine.ts';
import { askFor, eventOf, NOON } from './test-calls.ts';

const limits = { budgets: [{ id: 'all', limitUsd: '1' }] };

function world() {
  const held: { readonly ingress: string; readonly answer: AdmissionAnswer }[] = [];
  const engine = createAdmissionEngine({
    now: () => NOON,
    limitsOf: ({ kind }) => (kind === 'key' ? limits : undefined),
    onAnswer: () => undefined,
    onHeld: (ingress, answer) => held.push({ ingress, answer }),
    onStop: () => undefined,
    onAlert: () => undefined,
  });
  return { engine, held };
}

test('an ingress is told what a worker got for its job: it tells the next leader', () => {
  const { engine, held } = world();
  engine.admit(askFor('a', { mostUsd: '0.2' }), 'in1');
  engine.topUp({ job: 'a', neededUsd: '0.5' });
  expect(held).toMatchObject([{ ingress: 'in1', answer: { job: 'a', admitted: true, ticket: { heldUsd: '0.5' } } }]);
  engine.topUp({ job: 'a', neededUsd: '0.4' });
  expect(held).toHaveLength(1);
});

test('a refused top-up says whether the rest is spent, or only held by others', () => {
  const { engine } = world();
  engine.admit(askFor('a', { mostUsd: '0.4' }), 'in1');
  engine.admit(askFor('b', { mostUsd: '0.6' }), 'in1');
  expect(engine.topUp({ job: 'a', neededUsd: '0.8' })).toMatchObject({ heldUsd: '0.4', refusal: { kind: 'budget' }, busy: true });
  engine.settle(eventOf('b', '0.6'), { seq: 1 });
  expect(engine.topUp({ job: 'a', neededUsd: '0.8' })).toMatchObject({ heldUsd: '0.4', refusal: { kind: 'budget' }, busy: false });
});
