import { expect, test, vi } from 'vitest';
import type { Bus } from '#bus';
import { createPromptKeeper } from './prompt-keeper.ts';

test('a prompt that can’t be made is dropped and counted, and whoever gave it away has gone on before', async () => {
  const log = { warn: vi.fn<(fields: object, message: string) => void>() };
  const keeper = createPromptKeeper({ bus: {} as Bus, log });
  const make = vi.fn<() => undefined>(() => {
    throw new Error('unreadable');
  });
  keeper.keep(make);
  expect(make).not.toHaveBeenCalled();
  await keeper.settled();
  expect(make).toHaveBeenCalledOnce();
  expect(log.warn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ dropped: 1 }), 'prompts could not be kept');
});

test('where there is nothing to keep, nobody is asked to store it', async () => {
  const log = { warn: vi.fn<(fields: object, message: string) => void>() };
  const keeper = createPromptKeeper({ bus: {} as Bus, log });
  keeper.keep(() => undefined);
  await keeper.settled();
  expect(log.warn).not.toHaveBeenCalled();
});
