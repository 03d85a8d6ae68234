import { GatewayError } from '#contracts';

type Query = Readonly<Record<string, string | undefined>>;

/** A row of `/v2/model/info`, as far as it is searched and sorted. */
interface ModelRow {
  readonly model_name: string;
  readonly model_info: Readonly<Record<string, unknown>>;
}

const SIZE = 50;
const MOST = 1_000;

/** `GET /v2/model/info` in LiteLLM's shape: `page` from 1, `size`, `search` in names, `modelId`, `teamId`, `sortBy` a field of `model_info` or `model_name`. */
export function pageOfModels<Row extends ModelRow>(rows: readonly Row[], query: Query) {
  const page = countOf(query['page'], 'page', 1, Number.MAX_SAFE_INTEGER);
  const size = countOf(query['size'], 'size', SIZE, MOST);
  const found = sorted(
    rows.filter((row) => fits(row, query)),
    query,
  );
  return {
    data: found.slice((page - 1) * size, page * size),
    total_count: found.length,
    current_page: page,
    total_pages: Math.ceil(found.length / size),
    size,
  };
}

function fits({ model_name: name, model_info: info }: ModelRow, { search, model, modelId, teamId }: Query): boolean {
  const hasText = search === undefined || name.toLowerCase().includes(search.toLowerCase());
  const isNamed = model === undefined || name === model;
  return hasText && isNamed && (modelId === undefined || info['id'] === modelId) && (teamId === undefined || info['team_id'] === teamId);
}

function sorted<Row extends ModelRow>(rows: readonly Row[], { sortBy, sortOrder }: Query): readonly Row[] {
  if (sortBy === undefined) return rows;
  const keyOf = (row: Row): string => (sortBy === 'model_name' ? row.model_name : JSON.stringify(row.model_info[sortBy] ?? null));
  const sign = sortOrder === 'desc' ? -1 : 1;
  return rows.toSorted((a, b) => sign * keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true }));
}

function countOf(text: string | undefined, param: string, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= most) return count;
  throw new GatewayError('invalid_request', `${param}: give a whole number from 1${most === MOST ? ` to ${MOST}` : ''}.`, { param });
}
