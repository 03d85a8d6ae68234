import { camelMembers } from '../gemini-generate/camel-case.ts';
import { isRecord, recordAt, type JsonRecord } from '../json/record.ts';

/** What of a `generateContent` request costs input tokens. */
export interface MeasuredPrompt {
  readonly texts: readonly string[];
  /** Pictures, pages and the like. */
  readonly media: number;
  readonly contents: number;
}

/** Never throws: what it does not know counts as its JSON text. Thoughts of earlier turns are not part of a prompt. */
export function measurePrompt(request: JsonRecord): MeasuredPrompt {
  const texts: string[] = [];
  let media = 0;

  const addPart = (value: unknown): void => {
    if (!isRecord(value)) return;
    const { thoughtSignature: _signature, ...part } = camelMembers(value);
    if (part['thought'] === true) return;
    if (part['inlineData'] !== undefined || part['fileData'] !== undefined) media += 1;
    else texts.push(typeof part['text'] === 'string' ? part['text'] : JSON.stringify(part));
  };
  const addContent = (content: unknown): void => {
    const parts = isRecord(content) ? content['parts'] : undefined;
    if (Array.isArray(parts)) parts.forEach(addPart);
  };

  const contents: readonly unknown[] = Array.isArray(request['contents']) ? request['contents'] : [];
  contents.forEach(addContent);
  addContent(request['systemInstruction']);
  if (Array.isArray(request['tools'])) texts.push(...request['tools'].map((tool: unknown) => JSON.stringify(tool)));
  return { texts, media, contents: contents.length };
}

/** The request to count: the body itself, or the whole `generateContentRequest` in it. */
export function countedRequest(body: JsonRecord): JsonRecord {
  const named = camelMembers(body);
  const inner = recordAt(named, 'generateContentRequest');
  return inner === undefined ? named : camelMembers(inner);
}
