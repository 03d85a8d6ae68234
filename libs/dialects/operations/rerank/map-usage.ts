import { NO_USAGE, type TokenUsage } from '#contracts';
import { countAt, recordAt, type JsonRecord } from '../../json/record.ts';
import { mapOperationUsage } from '../map-usage.ts';

/** Search units as Cohere bills them, or tokens as Jina, Voyage and vLLM state them; undefined when it states neither. */
export function mapRerankUsage(answer: JsonRecord): TokenUsage | undefined {
  const meta = recordAt(answer, 'meta');
  const searchUnits = countAt(recordAt(meta, 'billed_units'), 'search_units');
  const tokens = mapOperationUsage(answer['usage']) ?? mapOperationUsage(meta?.['tokens']);
  if (searchUnits === 0) return tokens;
  return { ...(tokens ?? NO_USAGE), searchUnits };
}
