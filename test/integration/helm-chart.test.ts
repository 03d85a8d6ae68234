import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { BUS_USERS } from '#contracts';
import { ROUTE_POLICY } from '../../services/admin/auth/route-policy.ts';

const CHART = fileURLToPath(new URL('../../infra/helm/headrace', import.meta.url));
const read = (file: string) => readFileSync(`${CHART}/${file}`, 'utf8');
const valuesOf = z.fromJSONSchema(JSON.parse(read('values.schema.json')));
const values = parse(read('values.yaml')) as Record<string, unknown> & { workers: object[] };
const templates = ['config', 'services', 'workers', 'migrate'].map((name) => read(`templates/${name}.yaml`)).join('\n');

test('the values of the chart are as its schema says, and a misspelt one is refused', () => {
  expect(valuesOf.safeParse(values).error).toBeUndefined();
  expect(valuesOf.safeParse({ ...values, replicas: 3 }).success).toBe(false);
  expect(valuesOf.safeParse({ ...values, workers: [{ ...values.workers[0], providers: 'openai' }] }).success).toBe(false);
  expect(valuesOf.safeParse({ ...values, gracePeriodSeconds: 5 }).success).toBe(false);
});

test('every command that a container runs exists', () => {
  const commands = readFileSync(fileURLToPath(new URL('../../services/cli/commands.mjs', import.meta.url)), 'utf8');
  const named = [...templates.matchAll(/"service" "(\w+)"/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(['ingress', 'worker', 'accounting', 'admin', 'batches', 'sandbox']));
  for (const name of named) expect(commands).toContain(`  ${name}: { entry: `);
});

test('each service connects to NATS as its own user, and the route that workers are scaled by exists', () => {
  const users = [...templates.matchAll(/"NATS_URL" "NATS_URL_(\w+)"/g)].map(([, name]) => name?.toLowerCase());
  expect(new Set(users)).toEqual(new Set(BUS_USERS));
  expect(templates).toContain('/queue/depth');
  expect(ROUTE_POLICY).toHaveProperty('GET /queue/depth');
});

/** `helm` itself is no package: named in HELM_BIN, or on PATH. */
const helm = process.env['HELM_BIN'] ?? 'helm';
const KUBERNETES = ['--kube-version', '1.30.0'];
const POOLS = {
  autoscaling: { enabled: true },
  workers: [
    { name: 'claude', providers: ['anthropic'], concurrency: 64, replicas: 2, scaling: { minReplicas: 0, maxReplicas: 8, targetJobs: 50 } },
    { name: 'rest', providers: ['openai', 'mistral'], concurrency: 64, replicas: 3, providerSecrets: ['provider-keys'] },
  ],
};

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: any;
}

describe.skipIf(spawnSync(helm, ['version']).status !== 0)('as helm renders it', () => {
  const render = (set: object): Manifest[] => {
    const args = ['template', 'hr', CHART, '--namespace', 'gateway', ...KUBERNETES, '--values', '-'];
    const text = execFileSync(helm, args, { input: JSON.stringify(set), encoding: 'utf8' });
    return parseAllDocuments(text)
      .flatMap((document) => (document.errors.length === 0 ? [document.toJS() as Manifest] : []))
      .filter(Boolean);
  };
  const named = (all: Manifest[], kind: string) =>
    all
      .filter((one) => one.kind === kind)
      .map(({ metadata }) => metadata.name)
      .toSorted();

  test('it has nothing that helm would complain of', () => {
    expect(spawnSync(helm, ['lint', '--strict', CHART, ...KUBERNETES], { encoding: 'utf8' })).toMatchObject({ status: 0 });
  });

  test('there is a deployment for each service and for each pool of workers, and a scaler for each pool that is scaled', () => {
    const all = render(POOLS);
    const parts = ['accounting', 'admin', 'batches', 'ingress', 'worker-claude', 'worker-rest'];
    expect(named(all, 'Deployment')).toEqual(parts.map((part) => `hr-${part}`));
    expect(named(all, 'ScaledObject')).toEqual(['hr-worker-claude']);
    const [scaler] = all.filter(({ kind }) => kind === 'ScaledObject');
    expect(scaler?.spec).toMatchObject({ scaleTargetRef: { name: 'hr-worker-claude' }, minReplicaCount: 0, maxReplicaCount: 8 });
    expect(scaler?.spec.triggers).toMatchObject([
      { type: 'metrics-api', metadata: { url: 'http://hr-admin.gateway.svc:4000/queue/depth?provider=anthropic', valueLocation: 'jobs' } },
    ]);
    const replicas = all.filter(({ kind }) => kind === 'Deployment').map(({ metadata, spec }) => [metadata.name, spec.replicas]);
    expect(Object.fromEntries(replicas)).toMatchObject({ 'hr-worker-claude': undefined, 'hr-worker-rest': 3, 'hr-ingress': 2 });
  });

  test('the master key, the database and the keys of providers reach only who needs them', () => {
    const pods = render(POOLS).filter(({ kind }) => kind === 'Deployment');
    const containers: { name: string; env: { name: string }[]; envFrom?: unknown }[] = pods.map(({ metadata: { name }, spec }) => ({
      ...spec.template.spec.containers[0],
      name,
    }));
    const having = (variable: string) =>
      containers
        .filter(({ env }) => env.some((one) => one.name === variable))
        .map(({ name }) => name)
        .toSorted();
    expect(having('DATABASE_URL')).toEqual(['hr-accounting', 'hr-admin', 'hr-batches']);
    expect(having('HEADRACE_MASTER_KEY')).toEqual(['hr-admin', 'hr-ingress']);
    expect(having('NATS_URL')).toHaveLength(containers.length);
    expect(containers.filter(({ envFrom }) => envFrom !== undefined).map(({ name }) => name)).toEqual(['hr-worker-rest']);
  });

  test('a pod has more time to end than its process takes', () => {
    const pods = render({ gracePeriodSeconds: 60 }).filter(({ kind }) => kind === 'Deployment');
    for (const { metadata, spec } of pods) {
      const { terminationGracePeriodSeconds, containers } = spec.template.spec;
      const shutdownMs = Number(containers[0].env.find((one: { name: string }) => one.name === 'HEADRACE_SHUTDOWN_MS').value);
      const pauseSeconds = Number(containers[0].lifecycle?.preStop.exec.command[1] ?? 0);
      expect(shutdownMs / 1_000 + pauseSeconds, metadata.name).toBeLessThan(terminationGracePeriodSeconds);
      expect(pauseSeconds > 0).toBe(metadata.name === 'hr-ingress');
    }
  });
});
