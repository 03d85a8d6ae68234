import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BUS_USERS } from '#contracts';
import { findNatsServer } from '#runtime';
import { createTempFolder } from '#testing';

const FOLDER = fileURLToPath(new URL('../../infra/nats', import.meta.url));
const binary = findNatsServer(process.env);
const VARIABLES = ['NATS_PASSWORD', ...BUS_USERS.map((user) => `NATS_${user.toUpperCase()}_PASSWORD`)];

test.skipIf(binary === undefined)(
  'a nats-server takes the configuration for production, and refuses it while a password is missing',
  async () => {
    const folder = await createTempFolder();
    const file = join(folder.path, 'nats.conf');
    // the server of the containers is younger than the oldest that this may run on
    writeFileSync(file, readFileSync(join(FOLDER, 'nats.conf'), 'utf8').replace(/^ *sync_interval: .*$/m, ''));
    copyFileSync(join(FOLDER, 'users.conf'), join(folder.path, 'users.conf'));
    const check = (env: Readonly<Record<string, string>>) => spawnSync(binary ?? '', ['-t', '-c', file], { encoding: 'utf8', env });
    // a bare word that begins with a digit would be read as a number
    const passwords = Object.fromEntries(VARIABLES.map((name) => [name, `"0${name}"`]));
    expect(check(passwords)).toMatchObject({ status: 0 });
    for (const name of VARIABLES) {
      const { [name]: _missing, ...others } = passwords;
      expect(check(others).status, name).not.toBe(0);
    }
    await folder.remove();
  },
);
