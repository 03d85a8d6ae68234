import { expect, test } from 'vitest';
import { serviceEnvironment } from './service-environment.ts';

const env = {
  PATH: '/bin',
  HOME: '/home/me',
  HTTPS_PROXY: 'http://proxy',
  ACME_API_KEY: 'provider secret',
  ACME_RPM: '60',
  MASTER: 'sk-master',
  DATABASE_URL: 'postgres://secret',
  HEADRACE_MASTER_KEY: 'sk-master',
  PORT: '5000',
};

const environmentOf = (service: string, extra: Record<string, string> = {}) =>
  serviceEnvironment(service, extra, {
    env,
    settingNames: new Set(['ACME_RPM']),
    administration: new Set(['MASTER']),
    common: { LOG_LEVEL: 'info', HEADRACE_CONFIG: undefined },
  });

test.each(['ingress', 'admin', 'accounting', 'sandbox'])(
  '%s sees no provider key, and what the configuration reads as a setting',
  (service) => {
    expect(environmentOf(service)).toEqual({
      PATH: '/bin',
      HOME: '/home/me',
      HTTPS_PROXY: 'http://proxy',
      ACME_RPM: '60',
      LOG_LEVEL: 'info',
    });
  },
);

test("the worker sees the providers' keys, but neither the database nor the master key", () => {
  expect(environmentOf('worker')).toEqual({
    PATH: '/bin',
    HOME: '/home/me',
    HTTPS_PROXY: 'http://proxy',
    ACME_API_KEY: 'provider secret',
    ACME_RPM: '60',
    LOG_LEVEL: 'info',
  });
});

test('what a service is given on purpose is there', () => {
  expect(environmentOf('admin', { DATABASE_URL: 'postgres://embedded' })).toHaveProperty('DATABASE_URL', 'postgres://embedded');
});
