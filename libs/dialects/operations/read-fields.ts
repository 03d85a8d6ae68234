import type { ExchangeInput } from '../exchange.ts';
import { GatewayError } from '#contracts';
import { createDroppedParams, type DroppedParams } from '../dropped-params.ts';
import { parseRecord, textOf, type JsonRecord } from '../json/record.ts';
import { applicableDefaults } from '../openai-chat/default-params.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';

/** A request that is translated: its fields with the deployment's defaults, and what became of those without a place. */
export interface RequestFields extends DroppedParams {
  readonly values: JsonRecord;
  /** Fields that the operation does not know: they travel on to the provider under their own names. */
  others(known: ReadonlySet<string>): Record<string, unknown>;
}

export function readFields(input: ExchangeInput): RequestFields {
  const own = parseRecord(textOf(input.body));
  if (own === undefined) throw new GatewayError('invalid_json', 'The request body is not a JSON object.');
  const defaults = applicableDefaults((name) => own[name] !== undefined, input.defaultParams);
  const values: JsonRecord = { ...own, ...Object.fromEntries(defaults) };
  return {
    values,
    ...createDroppedParams(input.dropParams || own['drop_params'] === true),
    others: (known) =>
      Object.fromEntries(
        Object.entries(values).filter(
          ([name, value]) => value !== null && value !== undefined && !known.has(name) && !isGatewayField(name) && name !== 'metadata',
        ),
      ),
  };
}
