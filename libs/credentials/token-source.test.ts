import { describe, expect, it } from 'vitest';
import { createTokenSource } from './token-source.ts';

const HOUR = 3_600_000;

/** An authority whose answers are given by hand. */
function authority() {
  let at = 0;
  const asked: { resolve: (life?: number) => Promise<void>; reject: () => Promise<void> }[] = [];
  const settle = async (action: () => void): Promise<void> => {
    action();
    await Promise.resolve().then(() => undefined);
  };
  const source = createTokenSource(
    () =>
      new Promise((resolve, reject) => {
        const name = `token ${asked.length + 1}`;
        asked.push({
          resolve: (life = HOUR) => settle(() => resolve({ token: name, expiresAt: at + life })),
          reject: () => settle(() => reject(new Error('down'))),
        });
      }),
    () => at,
  );
  return { source, asked, go: (ms: number) => (at += ms) };
}

describe('a token source', () => {
  it('asks once for many that wait', async () => {
    const { source, asked } = authority();
    const waiting = [source.token(), source.token(), source.token()].map((token) => Promise.resolve(token));
    expect(asked).toHaveLength(1);
    await asked[0]?.resolve();
    expect(await Promise.all(waiting)).toEqual(['token 1', 'token 1', 'token 1']);
    expect(asked).toHaveLength(1);
  });

  it('gives a good token at once, and replaces it before its end without anybody waiting', async () => {
    const { source, asked, go } = authority();
    const first = source.token();
    await asked[0]?.resolve();
    await first;
    go(HOUR - 5 * 60_000 - 1);
    expect(source.token()).toBe('token 1');
    expect(asked).toHaveLength(1);
    go(1);
    expect([source.token(), source.token()]).toEqual(['token 1', 'token 1']);
    expect(asked).toHaveLength(2);
    await asked[1]?.resolve();
    await new Promise(setImmediate);
    expect(source.token()).toBe('token 2');
  });

  it('replaces one of a short life after three quarters of it', async () => {
    const { source, asked, go } = authority();
    const first = source.token();
    await asked[0]?.resolve(40_000);
    await first;
    go(29_999);
    expect(source.token()).toBe('token 1');
    expect(asked).toHaveLength(1);
    go(1);
    expect(source.token()).toBe('token 1');
    expect(asked).toHaveLength(2);
  });

  it('outlives an authority that is down near the end, without asking it for every request', async () => {
    const { source, asked, go } = authority();
    const first = source.token();
    await asked[0]?.resolve();
    await first;
    go(HOUR - 60_000);
    expect(source.token()).toBe('token 1');
    await asked[1]?.reject();
    await new Promise(setImmediate);
    expect([source.token(), source.token()]).toEqual(['token 1', 'token 1']);
    expect(asked).toHaveLength(2);
    go(10_000);
    expect(source.token()).toBe('token 1');
    expect(asked).toHaveLength(3);
  });

  it('fails for those that wait when there is no token, and asks anew for the next', async () => {
    const { source, asked } = authority();
    const first = source.token();
    await asked[0]?.reject();
    await expect(first).rejects.toThrow('down');
    const second = source.token();
    await asked[1]?.resolve();
    expect(await second).toBe('token 2');
  });

  it('never gives a token that is over', async () => {
    const { source, asked, go } = authority();
    const first = source.token();
    await asked[0]?.resolve();
    await first;
    go(HOUR - 10_000);
    expect(source.token()).toBeInstanceOf(Promise);
  });
});
