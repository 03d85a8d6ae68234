import { once } from 'node:events';
import { runService } from '#runtime';
import { createSandbox } from './app.ts';

await runService({
  name: 'sandbox',
  summary: 'A model server with scripted answers and failures: the built-in provider',
  defaultPort: 0,
  options: (command) => command.option('--any-model', 'answer for unknown models too'),
  start: async ({ settings, flags, releases, log }) => {
    const sandbox = createSandbox({ anyModel: flags['anyModel'] === true });
    releases.add('sandbox', () => sandbox.close());
    sandbox.server.listen(settings.port, settings.host);
    await once(sandbox.server, 'listening');
    const address = sandbox.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : settings.port;
    log.info({ port }, 'sandbox listening');
    return { port };
  },
});
