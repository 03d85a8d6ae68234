/**
 * Whether a text is what a model thought, not what it answered: by its path, or by what an object on the way to it says of itself (OpenAI's items and
 * events of type `reasoning…`, Gemini's `thought`).
 */
export function isReasoning(answer: unknown, path: string): boolean {
  if (/reasoning|summary/.test(path)) return true;
  let value = answer;
  for (const key of ['', ...path.split('.')]) {
    if (key !== '') value = isRecord(value) ? value[key] : undefined;
    if (isRecord(value) && (value['thought'] === true || REASONING.test(String(value['type'])))) return true;
  }
  return false;
}

const REASONING = /^(?:response\.)?reasoning/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
