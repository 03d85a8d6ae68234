import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: unknown;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly container_name?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
const text = read('docker-compose.yml');
const { services } = parse(text, { merge: true }) as { services: Record<string, ComposeService> };
const ours = Object.entries(services).filter(([, service]) => service.image === 'headrace');

test('there is a container for every service, NATS and Postgres', () => {
  expect(Object.keys(services).toSorted()).toEqual([
    'accounting',
    'admin',
    'batches',
    'ingress',
    'migrate',
    'nats',
    'postgres',
    'sandbox',
    'worker',
  ]);
});

test('every container runs a command that exists', () => {
  expect(ours.map(([name, service]) => [name, service.command?.[0]])).toEqual(ours.map(([name]) => [name, name]));
  for (const [name] of ours) expect(read('services/cli/commands.mjs')).toContain(`  ${name}: { entry: `);
});

test('every container that stays has a health check, and whoever waits for one waits for its health', () => {
  for (const [name, service] of Object.entries(services)) {
    expect(service.healthcheck !== undefined, name).toBe(name !== 'migrate');
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition, `${name} on ${other}`).toBe(other === 'migrate' ? 'service_completed_successfully' : 'service_healthy');
    }
  }
});

test('the health check of our services asks the port their probes listen on', () => {
  for (const [name, service] of ours.filter(([name]) => name !== 'migrate')) {
    expect(service.environment, name).toHaveProperty('HEADRACE_PROBE_PORT', '4001');
    expect(service.healthcheck?.test.join(' '), name).toContain('127.0.0.1:4001/health/readiness');
  }
});

test('no secret has a default: without it compose stops and says which', () => {
  const secrets = text.match(/\$\{\w*(PASSWORD|KEY)\b[^}]*\}/g) ?? [];
  expect(secrets.length).toBeGreaterThan(5);
  for (const secret of secrets) expect(secret).toMatch(/^\$\{\w+:\?[^}]+\}$/);
});

test('the database and the master key reach only who needs them, keys of providers the workers only', () => {
  const having = (variable: string) => ours.filter(([, service]) => service.environment?.[variable] !== undefined).map(([name]) => name);
  expect(having('DATABASE_URL').toSorted()).toEqual(['accounting', 'admin', 'batches', 'migrate']);
  expect(having('HEADRACE_MASTER_KEY').toSorted()).toEqual(['admin', 'batches', 'ingress']);
  expect(having('HEADRACE_SALT_KEY').toSorted()).toEqual(['admin', 'worker']);
  expect(ours.filter(([, service]) => service.env_file !== undefined).map(([name]) => name)).toEqual(['worker']);
});

test('workers can be scaled: no fixed name, no fixed port', () => {
  expect(services['worker']).not.toHaveProperty('container_name');
  expect(services['worker']).not.toHaveProperty('ports');
});

test('only the ingress is reachable from outside, on loopback unless chosen otherwise', () => {
  const published = Object.entries(services).filter(([, service]) => service.ports !== undefined);
  expect(published.map(([name, service]) => [name, service.ports])).toEqual([['ingress', ['${HEADRACE_LISTEN:-127.0.0.1:4000}:4000']]]);
});

test('the image runs as a user that is not root, and nothing is built', () => {
  const dockerfile = read('infra/Dockerfile');
  expect(dockerfile).toMatch(/^FROM node:24/m);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).not.toMatch(/tsc|npm run build/);
});
