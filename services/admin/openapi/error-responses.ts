import type { RouteSpec } from '../routes/define-route.ts';

/** OpenAI's shape of an error, in which every route answers. */
export const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string', description: 'For people: what is wrong and how to put it right.' },
        type: { type: 'string' },
        param: { type: ['string', 'null'], description: 'The field at fault.' },
        code: { type: 'string', description: 'Stable: branch on this.' },
      },
    },
  },
} as const;

type Example = readonly [status: number, description: string, message: string, type: string, param: string | null, code: string];

const ERRORS: readonly Example[] = [
  [400, 'A field is wrong or not known.', 'max_budget: must be 0 or more', 'invalid_request_error', 'max_budget', 'invalid_request'],
  [
    401,
    'No key, or one that is unknown, expired or blocked.',
    'This API key is not known here.',
    'token_not_found_in_db',
    null,
    'unknown_key',
  ],
  [403, 'The key may not do this.', 'This route needs the master key.', 'key_route_access_denied', null, 'route_access_denied'],
  [404, 'What is named does not exist.', 'There is no stored model with the id planner-1.', 'model_not_found', 'id', 'model_not_found'],
  [409, 'It is taken, or in the way of something.', 'A key with alias coder exists.', 'invalid_request_error', 'key_alias', 'conflict'],
  [503, 'The database or the queue can not be reached.', 'Try again in a moment.', 'service_unavailable', null, 'service_unavailable'],
];

/** By name, for `components.responses`. */
export const ERROR_RESPONSES = Object.fromEntries(
  ERRORS.map(([status, description, message, type, param, code]) => [
    `Error${status}`,
    {
      description,
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/Error' }, example: { error: { message, type, param, code } } },
      },
    },
  ]),
);

/** A probe that needs no key knows one failure. */
export function errorRefs({ isPublic }: Pick<RouteSpec, 'isPublic'>): Readonly<Record<string, unknown>> {
  const statuses = ERRORS.map(([status]) => status).filter((status) => isPublic !== true || status === 503);
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Error${status}` }]));
}
