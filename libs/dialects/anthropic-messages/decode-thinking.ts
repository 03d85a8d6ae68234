import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';

export interface DecodedThinking {
  readonly reasoningEffort: string | undefined;
  /** In tokens. */
  readonly reasoningBudget: number | undefined;
}

/**
 * `thinking` and `output_config.effort` (https://platform.claude.com/docs/en/build-with-claude/thinking). Adaptive thinking without
 * an effort leaves the amount to the model, as does saying nothing. Throws `GatewayError` `invalid_request`.
 */
export function decodeThinking(body: JsonRecord): DecodedThinking {
  const effort = stringAt(recordAt(body, 'output_config') ?? {}, 'effort');
  const thinking = body['thinking'];
  if (thinking === undefined || thinking === null) return { reasoningEffort: effort, reasoningBudget: undefined };
  if (!isRecord(thinking)) throw invalidField('thinking', 'must be an object with the type "enabled", "adaptive" or "disabled"');
  switch (thinking['type']) {
    case 'disabled':
      return { reasoningEffort: 'none', reasoningBudget: undefined };
    case 'enabled': {
      const budget = thinking['budget_tokens'];
      if (typeof budget !== 'number' || !Number.isSafeInteger(budget) || budget < 1) {
        throw invalidField('thinking.budget_tokens', 'must be an integer of at least 1024');
      }
      return { reasoningEffort: effort, reasoningBudget: budget };
    }
    case 'adaptive':
    case 'between_tools':
      return { reasoningEffort: effort, reasoningBudget: undefined };
    default:
      throw invalidField('thinking.type', 'must be "enabled", "adaptive" or "disabled"');
  }
}
