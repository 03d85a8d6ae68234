import { expect, test } from 'vitest';
import { type ErrorCode, GatewayError, NO_USAGE } from '#contracts';
import type { MeteredOutcome } from '../job/attempt-record.ts';
import { failedOutcome } from '../attempt/listener-input.ts';
import { meteredCall } from './metered-call.ts';

test.each<[ErrorCode, number | undefined, string]>([
  ['upstream_error', undefined, 'failure'],
  ['upstream_timeout', undefined, 'timeout'],
  ['upstream_bad_request', undefined, 'cancelled'],
  ['client_gone', undefined, 'cancelled'],
  // the first attempt was slow, the second one was only cut short
  ['cancelled', undefined, 'overtaken'],
  ['cancelled', 1, 'cancelled'],
])('a call that ends with %s beside attempt %s counts as %s', (code, hedges, result) => {
  const outcome = failedOutcome({ now: () => 20, startedAt: 10 }, new GatewayError(code, ''));
  const metered: MeteredOutcome = { outcome, usage: NO_USAGE, priced: { cost: undefined, source: 'catalogue' } };
  expect(meteredCall(metered, { stream: true, hedges })).toMatchObject({ startedAt: 10, endedAt: 20, result });
});
