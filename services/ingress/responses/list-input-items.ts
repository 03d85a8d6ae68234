import { GatewayError, type StoredResponse } from '#contracts';

type Item = Readonly<Record<string, unknown>>;

const MOST_ITEMS = 100;
const DEFAULT_ITEMS = 20;

/**
 * A page of the items before a response, in OpenAI's list shape (https://platform.openai.com/docs/api-reference/responses/input-items):
 * newest first unless `order=asc`, `limit` 1 to 100, `after` an item's id. Throws `invalid_request`.
 */
export function listInputItems(stored: StoredResponse, query: Readonly<Record<string, string | undefined>>): Item {
  const limit = query['limit'] === undefined ? DEFAULT_ITEMS : Number(query['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ITEMS) throw invalid('limit', `must be an integer from 1 to ${MOST_ITEMS}`);
  const order = query['order'] ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw invalid('order', 'must be "asc" or "desc"');
  const items = stored.input.map((item, index) => shownItem(item, `${stored.id}_in${index}`));
  if (order === 'desc') items.reverse();
  const from = query['after'] === undefined ? 0 : items.findIndex((item) => item['id'] === query['after']) + 1;
  if (query['after'] !== undefined && from === 0) throw invalid('after', 'must be the id of an item of this list');
  const data = items.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: from + limit < items.length,
  };
}

/** Every item has an id in a list, and every message its content in parts. */
function shownItem(item: Item, id: string): Item {
  const type = item['type'] ?? 'message';
  const text = item['content'];
  const part = item['role'] === 'assistant' ? { type: 'output_text', text, annotations: [] } : { type: 'input_text', text };
  return { id, ...item, type, ...(typeof text === 'string' ? { content: [part] } : {}) };
}

function invalid(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', `'${param}' ${rule}.`, { param });
}
