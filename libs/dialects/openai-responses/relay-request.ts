import { unpackToolCallId } from '../conversation/signature.ts';
import type { ExchangeInput } from '../exchange.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { viewObject, type JsonObjectView } from '../json/splice-members.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { editMetadata } from '../openai-chat/relay-request.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { applicableDefaults, responsesParam } from './default-params.ts';
import { isForeignReasoning } from './reasoning-item.ts';

type Edits = Map<string, string | Uint8Array | undefined>;

export interface RelayedRequest {
  readonly body: Uint8Array;
  /** Members that were left out under `drop_params`. */
  readonly dropped: readonly string[];
}

/**
 * The client's body for a provider of the same format: spliced, never re-encoded, so that unknown members, large numbers and
 * formatting arrive as they were written. Throws `GatewayError` `unsupported_parameter`.
 */
export function relayRequest(input: ExchangeInput): RelayedRequest {
  const view = viewObject(input.body);
  const edits: Edits = new Map([['model', JSON.stringify(input.upstreamModel)]]);
  for (const [member, value] of applicableDefaults((name) => view.has(name), input.defaultParams)) edits.set(member, JSON.stringify(value));
  for (const member of view.keys()) if (isGatewayField(member)) edits.set(member, undefined);
  editMetadata(view, edits);
  removeForeignSignatures(view, edits);
  const dropped = refuseUnsupported(view, edits, input);
  return { body: view.splice(edits), dropped };
}

/** What only the gateway's own packing leaves in an item: nearly every request is without, and is not parsed. */
const MARKS = ['"hr1.', '__sig__'] as const;

/** After a turn with another provider: OpenAI can't decrypt what that one signed, and its ids have no place for a signature. */
function removeForeignSignatures(view: JsonObjectView, edits: Edits): void {
  const raw = view.raw('input');
  if (raw === undefined || !MARKS.some((mark) => raw.includes(mark))) return;
  const items = view.value('input');
  if (!Array.isArray(items)) return;
  const kept = items.filter((item: unknown) => !isForeignReasoning(item)).map(withOwnId);
  edits.set('input', JSON.stringify(kept));
}

function withOwnId(item: unknown): unknown {
  if (!isRecord(item) || typeof item['call_id'] !== 'string') return item;
  const unpacked: JsonRecord = { ...item, call_id: unpackToolCallId(item['call_id']).id };
  return unpacked;
}

function refuseUnsupported(view: JsonObjectView, edits: Edits, input: ExchangeInput): string[] {
  const dropsParams = input.dropParams || view.value('drop_params') === true;
  const dropped: string[] = [];
  for (const param of input.quirks.unsupportedParams ?? []) {
    const member = responsesParam(param);
    const isSet = edits.has(member) ? edits.get(member) !== undefined : view.has(member);
    if (!isSet) continue;
    if (!dropsParams) throw unsupportedParameter(member);
    edits.set(member, undefined);
    dropped.push(member);
  }
  return dropped;
}
