import { compileSchema } from '#schemas';
import type { AnsweredWith } from './answer-text.ts';
import { isRefusal } from './refusal.ts';

/** What is wrong with an answer of the weak tier. */
export type AnswerFault = 'empty' | 'refusal' | 'schema';

type Fields = Readonly<Record<string, unknown>>;

/** `any`: JSON of any shape was asked for. */
export type AskedFormat = { readonly schema: Fields } | 'any' | undefined;

/**
 * Whether an answer is good enough to be given: not empty, no refusal, and JSON of the shape that was asked for. Undefined where it is. An answer
 * that ended at the client's own limit of length is, whatever it lacks.
 */
export function checkAnswer(answer: AnsweredWith, asked: AskedFormat): AnswerFault | undefined {
  if (answer.isRefusal) return 'refusal';
  if (answer.hasOther || answer.isCut) return undefined;
  if (answer.text.trim() === '') return 'empty';
  if (asked !== undefined) return meetsFormat(answer.text, asked) ? undefined : 'schema';
  return isRefusal(answer.text) ? 'refusal' : undefined;
}

/** The JSON that a request of any chat format asks its answer to be. */
export function askedFormat(fields: Fields): AskedFormat {
  const format =
    recordOf(fields['response_format']) ??
    recordOf(recordOf(fields['text'])?.['format']) ??
    recordOf(recordOf(fields['output_config'])?.['format']) ??
    recordOf(fields['output_format']);
  if (format !== undefined) {
    if (format['type'] === 'json_object') return 'any';
    if (format['type'] !== 'json_schema') return undefined;
    const schema = recordOf(recordOf(format['json_schema'])?.['schema']) ?? recordOf(format['schema']);
    return schema === undefined ? 'any' : { schema };
  }
  const google = recordOf(fields['generationConfig']);
  const schema = recordOf(google?.['responseJsonSchema']);
  if (schema !== undefined) return { schema };
  return google?.['responseMimeType'] === 'application/json' ? 'any' : undefined;
}

/** Whether a text is the JSON that was asked for. */
export function meetsFormat(text: string, asked: Exclude<AskedFormat, undefined>): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (asked === 'any') return true;
  const validate = compileSchema(asked.schema);
  return validate === undefined || validate(value);
}

function recordOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
