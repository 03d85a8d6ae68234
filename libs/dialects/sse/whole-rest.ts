import { parseRecord } from '../json/record.ts';
import { parseEvent } from './parse-event.ts';

const BLANK_LINE = Buffer.from('\n\n');

/**
 * A last event that came without its blank line, with it: whole, it counts (some hosts are hasty at the end). Undefined when
 * it was cut: then it is as if it had not been sent.
 */
export function wholeRest(rest: Buffer): Buffer | undefined {
  const { data } = parseEvent(rest);
  const isWhole = data !== undefined && (data.trim() === '[DONE]' || parseRecord(data) !== undefined);
  return isWhole ? Buffer.concat([rest, BLANK_LINE]) : undefined;
}
