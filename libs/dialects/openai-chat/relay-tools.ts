import type { DialectQuirks } from '../exchange.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt } from '../json/record.ts';

/** The tools of a relayed request as a host of these quirks takes them; undefined when they may stay as they are. */
export function relayTools(raw: Buffer, quirks: DialectQuirks): string | undefined {
  const clearsMarks = quirks.cacheControl === false && raw.includes('"cache_control"');
  const clearsStrict = quirks.strictTools === false && raw.includes('"strict"');
  if (!clearsMarks && !clearsStrict) return undefined;
  const tools = parseExact(raw.toString());
  if (!Array.isArray(tools)) return undefined;
  const edit = (tool: unknown): unknown => {
    const unmarked = clearsMarks ? withoutCacheMarks(tool) : tool;
    return clearsStrict ? withoutStrict(unmarked) : unmarked;
  };
  return JSON.stringify(tools.map(edit));
}

/** A content part or a tool without its mark. */
export function withoutCacheMarks(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { cache_control: _mark, ...rest } = value;
  const called = recordAt(rest, 'function');
  return called === undefined ? rest : { ...rest, function: withoutCacheMarks(called) };
}

function withoutStrict(tool: unknown): unknown {
  const called = isRecord(tool) ? recordAt(tool, 'function') : undefined;
  if (!isRecord(tool) || called === undefined) return tool;
  const { strict: _strict, ...rest } = called;
  return { ...tool, function: rest };
}
