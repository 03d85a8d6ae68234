import type { MasterKeyPlace } from './master-key.ts';

export interface BannerOptions {
  readonly url: string;
  readonly masterKey: MasterKeyPlace;
  /** A model group to call; undefined when the configuration has patterns only. */
  readonly model: string | undefined;
  readonly logsDir: string;
}

/** The one block that is printed when everything is ready. It never holds the key, only the way to it. */
export function renderBanner(options: BannerOptions): string {
  const { place, shell } = describeKey(options.masterKey);
  const body = `{"model":"${options.model ?? 'YOUR_MODEL'}","messages":[{"role":"user","content":"Hello"}]}`;
  return [
    '',
    `Headrace is ready at ${options.url}`,
    '',
    `  master key  ${place}`,
    `  logs        ${options.logsDir}`,
    '',
    'Try it:',
    '',
    `  curl ${options.url}/v1/chat/completions \\`,
    `    -H "Authorization: Bearer ${shell}" \\`,
    '    -H "Content-Type: application/json" \\',
    `    -d '${body}'`,
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function describeKey(place: MasterKeyPlace): { place: string; shell: string } {
  switch (place.kind) {
    case 'file':
      return { place: place.path, shell: `$(cat ${quote(place.path)})` };
    case 'environment':
      return { place: `the environment's ${place.variable}`, shell: `$${place.variable}` };
    case 'config':
      return { place: 'master_key in the configuration file', shell: 'YOUR_MASTER_KEY' };
  }
}

/** As one word for a shell, inside double quotes and `$( )` too. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** The gateway's address as somebody on this machine types it. */
export function publicUrl(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
