import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '#contracts';

/**
 * `reject_clientside_metadata_tags`: throws 400 `invalid_request` naming the field, wherever a client may write tags. LiteLLM looks at
 * `metadata.tags` alone; the others would be ways around it, for budgets of tags and for routing.
 */
export function refuseClientTags(headers: IncomingHttpHeaders, fields: Readonly<Record<string, unknown>>): void {
  const param = tagsField(headers, fields);
  if (param === undefined) return;
  throw new GatewayError(
    'invalid_request',
    `Tags of clients are not allowed here: leave out '${param}'. Tags are those of the key and its team.`,
    {
      param,
    },
  );
}

function tagsField(headers: IncomingHttpHeaders, fields: Readonly<Record<string, unknown>>): string | undefined {
  const { metadata } = fields;
  if (typeof metadata === 'object' && metadata !== null && 'tags' in metadata && metadata.tags !== null) return 'metadata.tags';
  if (fields['tags'] !== undefined && fields['tags'] !== null) return 'tags';
  return headers['x-litellm-tags'] === undefined ? undefined : 'x-litellm-tags';
}
