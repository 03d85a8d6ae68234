import { parseExact } from '../json/exact-json.ts';
import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';
import { camelMembers } from './camel-case.ts';
import { FOREIGN_BEGINNING, FOREIGN_CALL_SIGNATURE } from './thought-signature.ts';

/**
 * The raw `contents` without what another provider's model signed in this conversation, which Gemini would refuse. Undefined
 * when there is nothing of the kind, as nearly always: then the client's bytes stay.
 */
export function ownContents(raw: Buffer | undefined): string | undefined {
  if (raw === undefined || !raw.includes(FOREIGN_BEGINNING)) return undefined;
  const contents = parseExact(raw.toString());
  return Array.isArray(contents) ? JSON.stringify(contents.map(ownContent).filter(hasParts)) : undefined;
}

function ownContent(content: unknown): unknown {
  if (!isRecord(content) || !Array.isArray(content['parts'])) return content;
  return { ...content, parts: content['parts'].map(ownPart).filter((part) => part !== undefined) };
}

function ownPart(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const part = camelMembers(value);
  if (stringAt(part, 'thoughtSignature')?.startsWith(FOREIGN_BEGINNING) !== true) return value;
  if (part['thought'] === true) return undefined;
  const { thoughtSignature: _foreign, ...rest } = part;
  return 'functionCall' in rest ? ({ ...rest, thoughtSignature: FOREIGN_CALL_SIGNATURE } satisfies JsonRecord) : rest;
}

function hasParts(content: unknown): boolean {
  return !isRecord(content) || !Array.isArray(content['parts']) || content['parts'].length > 0;
}
