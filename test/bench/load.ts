import { runLoad, type LoadOptions } from './run-load.ts';

/** The load generator as a process of its own, told what to do by its parent: it stays warm over all rounds. */
process.on('message', (options: LoadOptions) => {
  runLoad(options).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
