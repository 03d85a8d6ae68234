import { describe, expect, test } from 'vitest';
import { busyness } from '../strategies/busyness.ts';
import { NOW, testStatus } from '../test-planning.ts';
import { createStatusBoard } from './status-board.ts';

function boardAt(start = NOW) {
  const clock = { now: start };
  const board = createStatusBoard({ now: () => clock.now, measurementsHoldMs: 3_600_000 });
  return { clock, board };
}

describe('the board', () => {
  test('adds the workers up', () => {
    const { board } = boardAt();
    board.apply(testStatus('w1', { a: { inFlight: 2, requests: 5, tokens: 100, errors: 1 }, b: { inFlight: 1 } }));
    board.apply(testStatus('w2', { a: { inFlight: 3, requests: 6, tokens: 50 } }));
    expect(board.loadOf('a')).toMatchObject({ inFlight: 5, requests: 11, tokens: 150, errors: 1 });
    expect(board.loadOf('b')).toMatchObject({ inFlight: 1 });
  });

  test('takes a worker’s later status for its earlier one', () => {
    const { board } = boardAt();
    board.apply(testStatus('w1', { a: { inFlight: 2 }, b: { inFlight: 7 } }));
    board.apply(testStatus('w1', { a: { inFlight: 1 } }));
    expect([board.loadOf('a').inFlight, board.loadOf('b').inFlight]).toEqual([1, 0]);
  });

  test('does not count the calls of a worker that was silent for three seconds, but what it measured', () => {
    const { board, clock } = boardAt();
    board.apply(testStatus('dead', { a: { inFlight: 4, msPerToken: 9 } }));
    clock.now += 2_900;
    board.refresh();
    expect(board.loadOf('a').inFlight).toBe(4);
    clock.now += 1_100;
    board.apply(testStatus('alive', { a: { inFlight: 1, samples: 0 } }, clock.now));
    board.refresh();
    expect(board.loadOf('a')).toMatchObject({ inFlight: 1, msPerToken: 9 });
  });

  test('takes a worker back that was silent', () => {
    const { board, clock } = boardAt();
    board.apply(testStatus('w1', { a: { inFlight: 4 } }));
    clock.now += 10_000;
    board.refresh();
    expect(board.loadOf('a').inFlight).toBe(0);
    board.apply(testStatus('w1', { a: { inFlight: 4 } }, clock.now));
    expect(board.loadOf('a').inFlight).toBe(4);
  });

  test('counts requests and tokens of this minute alone', () => {
    const { board, clock } = boardAt();
    board.apply(testStatus('w1', { a: { requests: 5, tokens: 100, errors: 2 } }));
    clock.now += 60_000;
    board.refresh();
    expect(board.loadOf('a')).toMatchObject({ requests: 0, tokens: 0, errors: 0 });
    board.apply(testStatus('w1', { a: { requests: 1 } }, clock.now));
    expect(board.loadOf('a').requests).toBe(1);
  });
});

describe('jobs that are on their way', () => {
  const expected = (board: ReturnType<typeof boardAt>['board']) => [board.loadOf('a').expected, board.loadOf('a').expectedTokens];

  test('count until a status of the worker that started them has come', () => {
    const { board } = boardAt();
    board.expect('job', 'a', 30);
    expect(expected(board)).toEqual([1, 30]);
    board.apply(testStatus('w1', { a: { inFlight: 0 } }));
    expect(expected(board)).toEqual([1, 30]);
    board.started('job', 'w1');
    board.apply(testStatus('w2', { a: { inFlight: 0 } }));
    expect(expected(board)).toEqual([1, 30]);
    board.apply(testStatus('w1', { a: { inFlight: 1 } }));
    expect(expected(board)).toEqual([0, 0]);
    expect(board.loadOf('a').inFlight).toBe(1);
  });

  test('no longer count when they are over, though the last status still has them', () => {
    const { board } = boardAt();
    const busy = () => busyness(board.loadOf('a'));
    board.expect('job', 'a', 30);
    board.started('job', 'w1');
    board.apply(testStatus('w1', { a: { inFlight: 1 } }));
    expect(busy()).toBe(1);
    board.ended('job');
    expect(busy()).toBe(0);
    board.apply(testStatus('w2', { a: { inFlight: 1 } }));
    expect(busy()).toBe(1);
    board.apply(testStatus('w1', { a: { inFlight: 0 } }));
    expect(busy()).toBe(1);
    expect(board.loadOf('a').ended).toBe(0);
  });

  test('that went on to another deployment do not count for the first', () => {
    const { board } = boardAt();
    board.expect('job', 'a', 30);
    board.started('job', 'w1');
    board.apply(testStatus('w1', { a: { inFlight: 1 } }));
    board.apply(testStatus('w1', { a: { inFlight: 0 }, b: { inFlight: 1 } }));
    board.started('job', 'w2');
    board.ended('job');
    expect(board.loadOf('a')).toMatchObject({ inFlight: 0, expected: 0, ended: 0 });
  });

  test('are forgotten with a worker that fell silent', () => {
    const { board, clock } = boardAt();
    board.expect('job', 'a', 30);
    board.started('job', 'w1');
    board.apply(testStatus('w1', { a: { inFlight: 1 } }));
    board.ended('job');
    clock.now += 10_000;
    board.refresh();
    expect(board.loadOf('a')).toMatchObject({ inFlight: 0, expected: 0, ended: 0 });
  });

  test('count until they are over, and are not taken off twice', () => {
    const { board } = boardAt();
    board.expect('one', 'a', 30);
    board.expect('two', 'a', 12);
    board.started('one', 'w1');
    board.ended('one');
    board.ended('one');
    board.apply(testStatus('w1', {}));
    expect(expected(board)).toEqual([1, 12]);
    board.ended('unheard-of');
    board.started('unheard-of', 'w1');
    expect(expected(board)).toEqual([1, 12]);
  });
});
