/** What `npm run new:provider` asks for. */
export interface NewProvider {
  readonly id: string;
  readonly name: string;
  /** Empty: `api_base` has to be given with every deployment. */
  readonly baseUrl: string;
  readonly env: string;
  readonly docsUrl: string;
}

/** What is wrong with the answers, one line each. */
export function problemsOf({ id, name, baseUrl, env, docsUrl }: NewProvider): readonly string[] {
  return [
    /^[a-z0-9_-]+$/.test(id) ? undefined : '--id must be lower-case letters, digits, "_" and "-"',
    name.trim() === '' ? '--name is missing' : undefined,
    baseUrl === '' || isAddress(baseUrl) ? undefined : '--base-url must be https, without query and without a slash at its end',
    /^[A-Z][A-Z0-9_]*$/.test(env) ? undefined : '--env must be the name of an environment variable, such as ACME_API_KEY',
    docsUrl === '' || URL.canParse(docsUrl) ? undefined : '--docs must be an address',
  ].filter((problem) => problem !== undefined);
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text) || text.endsWith('/')) return false;
  const { protocol, search, hash, username } = new URL(text);
  return protocol === 'https:' && search + hash + username === '';
}

/** `fireworks_ai` is in `fireworks-ai.ts`. */
export function fileOf(id: string): string {
  return `${id.replaceAll('_', '-')}.ts`;
}

/** `fireworks_ai` is exported as `fireworksAi`; a name can't begin with a digit. */
export function exportOf(id: string): string {
  const [first = '', ...rest] = id.split(/[-_]/).filter((word) => word !== '');
  const name = first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return /^\d/.test(name) ? `provider${name}` : name;
}

/** The data file of a provider that speaks OpenAI chat. */
export function providerSource({ id, name, baseUrl, env, docsUrl }: NewProvider): string {
  return `import type { ProviderRecord } from './provider-record.ts';

export const ${exportOf(id)}: ProviderRecord = {
  id: ${quote(id)},
  name: ${quote(name)},
  dialect: 'openai-chat',
  baseUrl: ${baseUrl === '' ? 'undefined' : quote(baseUrl)},
  envKeys: [${quote(env)}],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: ${docsUrl === '' ? "'memory'" : "'source'"},
  docsUrl: ${docsUrl === '' ? 'undefined' : quote(docsUrl)},
};
`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The table with the provider's two lines where its file name puts them. Throws when the table does not look as it should. */
export function addToTable(table: string, id: string): string {
  const importLine = (one: string): string => `import { ${exportOf(one)} } from './${fileOf(one)}';`;
  const files = [...table.matchAll(/^import \{ (\w+) \} from '\.\/([\w-]+)\.ts';$/gm)].filter(([, name]) =>
    table.includes(`\n  ${name},\n`),
  );
  const next = files.find(([, , file = '']) => file > fileOf(id).slice(0, -'.ts'.length));
  const [nextImport, nextName] = next ?? [];
  const [beforeImport, beforeItem] =
    nextImport === undefined ? ['import { PLAIN_GATEWAYS }', '  ...PLAIN_GATEWAYS,'] : [nextImport, `  ${nextName},`];
  if (!table.includes(beforeImport) || !table.includes(`${beforeItem}\n`)) throw new Error('the provider table does not look as expected');
  return table
    .replace(beforeImport, `${importLine(id)}\n${beforeImport}`)
    .replace(`${beforeItem}\n`, `  ${exportOf(id)},\n${beforeItem}\n`);
}
