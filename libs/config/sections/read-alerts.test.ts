import { describe, expect, test } from 'vitest';
import { ALERT_KINDS } from '#contracts';
import { ConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_ALERTS } from './read-alerts.ts';

const parse = (text: string) => parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
const own = (text: string) => parse(`headrace: { alerts: ${text} }`).alerts;

describe('headrace.alerts', () => {
  test('nobody is told anything unless it says so', () => {
    expect(parse('headrace: {}').alerts).toEqual(DEFAULT_ALERTS);
  });

  test('addresses may be several, texts or names of variables; what is not said has its default', () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const text = `{ webhook_url: [os.environ/ONE, 'https://two.example'], webhook_secret: ${secret}, slack_url: os.environ/SLACK, kinds: [provider_down] }`;
    expect(own(text)).toEqual({
      ...DEFAULT_ALERTS,
      destinations: [
        { name: 'webhook', format: 'webhook', url: { env: 'ONE' }, kinds: ['provider_down'], secret: { literal: secret } },
        {
          name: 'webhook-2',
          format: 'webhook',
          url: { literal: 'https://two.example' },
          kinds: ['provider_down'],
          secret: { literal: secret },
        },
        { name: 'slack', format: 'slack', url: { env: 'SLACK' }, kinds: ['provider_down'] },
      ],
    });
  });

  test('counts days, hours, seconds and dollars', () => {
    expect(own('{ key_expiring_days: 3, give_up_hours: 2, provider_down_s: 5, anomaly_factor: 10, anomaly_min_usd: 0.5 }')).toMatchObject({
      keyExpiringMs: 259_200_000,
      giveUpAfterMs: 7_200_000,
      providerDownAfterMs: 5_000,
      anomalyFactor: 10,
      anomalyMinUsd: '0.5',
    });
  });

  test.each([
    ['{ webhook_url: ftp://x }', 'must begin with https://'],
    ['{ webhook_secret: short }', 'must be whsec_'],
    ['{ kinds: [weather] }', 'must be a list of soft_budget'],
    ['{ slack: https://x }', 'unknown key "slack"'],
    ['{ anomaly_factor: 0 }', '1 or more'],
  ])('refuses %s', (text, message) => {
    expect(() => own(text)).toThrow(ConfigError);
    expect(() => own(text)).toThrow(message);
  });
});

describe("LiteLLM's settings", () => {
  const general = (text: string) => parse(`general_settings: ${text}`).alerts?.destinations;

  test('alerting sends to the addresses of the environment', () => {
    expect(general('{ alerting: [slack, webhook, email] }')).toEqual([
      { name: 'litellm-slack', format: 'slack', url: { env: 'SLACK_WEBHOOK_URL' }, kinds: ALERT_KINDS },
      { name: 'litellm-webhook', format: 'webhook', url: { env: 'WEBHOOK_URL' }, kinds: ALERT_KINDS },
    ]);
  });

  test('an address that is missing is a warning, not silence', () => {
    const { warnings } = parse('general_settings: { alerting: [slack, email] }');
    expect(warnings.filter((line) => line.includes('alerting'))).toEqual([
      'config.yaml:1: general_settings.alerting: slack sends nothing: SLACK_WEBHOOK_URL is not set',
      'config.yaml:1: general_settings.alerting: email has no effect: see headrace.alerts',
    ]);
  });

  test('alert_types choose, alert_to_webhook_url sends some elsewhere', () => {
    const text =
      '{ alerting: [slack], alert_types: [budget_alerts, outage_alerts, llm_too_slow], alert_to_webhook_url: { outage_alerts: os.environ/OPS } }';
    expect(general(text)).toEqual([
      {
        name: 'litellm-slack',
        format: 'slack',
        url: { env: 'SLACK_WEBHOOK_URL' },
        kinds: ['soft_budget', 'budget_reached', 'key_expiring'],
      },
      { name: 'litellm-outage_alerts-slack', format: 'slack', url: { env: 'OPS' }, kinds: ['provider_down'] },
    ]);
  });
});

describe('retention of the ledger', () => {
  test.each([
    ['headrace: { ledger: { retention: 90d } }', 90],
    ['general_settings: { maximum_spend_logs_retention_period: 12mo }', 372],
    ['headrace: { ledger: { retention: 8d } }\ngeneral_settings: { maximum_spend_logs_retention_period: 30d }', 8],
    ['headrace: {}', undefined],
  ])('%s', (text, days) => {
    expect(parse(text).ledger?.retentionMs).toBe(days === undefined ? undefined : days * 86_400_000);
  });

  test.each(['7d', '1h', 'long', '0d', '-30d'])('%s is refused: events could still come again, or it says nothing', (text) => {
    expect(() => parse(`headrace: { ledger: { retention: '${text}' } }`)).toThrow('8 days or more');
  });
});
