/** Of the conversation before it so much is read too: what "and now in French?" is about stands there. */
const CONTEXT_CHARS = 400;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a request of any chat format is judged by: the last text of a user, behind a little of the one before. Empty where there is none.
 * Pictures, tool calls and their results are passed over.
 */
export function routedText(fields: Fields): string {
  const { prompt } = fields;
  if (typeof prompt === 'string') return prompt;
  const turns = fields['messages'] ?? fields['input'] ?? fields['contents'];
  if (typeof turns === 'string') return turns;
  if (!Array.isArray(turns)) return '';
  let last: string | undefined;
  for (let at = turns.length - 1; at >= 0; at -= 1) {
    const text = userText(turns[at]);
    if (text === '') continue;
    if (last !== undefined) return `${text.slice(-CONTEXT_CHARS)}\n${last}`;
    last = text;
  }
  return last ?? '';
}

/** Gemini's turns may leave the role out; then it is the user's. */
function userText(turn: unknown): string {
  if (typeof turn !== 'object' || turn === null) return '';
  const role = 'role' in turn ? turn.role : 'user';
  if (role !== 'user') return '';
  return contentText('content' in turn ? turn.content : 'parts' in turn ? turn.parts : undefined);
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts: string[] = [];
  for (const part of content as readonly unknown[]) {
    if (typeof part === 'string') texts.push(part);
    else if (typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string') texts.push(part.text);
  }
  return texts.join('\n');
}
