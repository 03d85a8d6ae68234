import type { ClientDialect } from '#contracts';

/** What of an answer the checks go by. */
export interface AnsweredWith {
  readonly text: string;
  /** It calls a tool, draws or does something else than write: it needs no text. */
  readonly hasOther: boolean;
  /** It stopped at its length: what is missing was asked for by the client. */
  readonly isCut: boolean;
  /** The model's own field for it (OpenAI). */
  readonly isRefusal: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** An answer in one piece in the client's format; undefined for formats that are not read, and for what is none. */
export function readAnswer(dialect: ClientDialect, body: Uint8Array): AnsweredWith | undefined {
  const read = READERS[dialect];
  const fields = read && parse(body);
  return fields && read?.(fields);
}

const READERS: Readonly<Partial<Record<ClientDialect, (fields: Fields) => AnsweredWith | undefined>>> = {
  'openai-chat': readChat,
  'anthropic-messages': readMessage,
  'openai-responses': readResponse,
  'gemini-generate': readCandidates,
};

function readChat({ choices }: Fields): AnsweredWith | undefined {
  const [choice] = recordsOf(choices);
  const message = choice && recordOf(choice['message']);
  if (message === undefined) return undefined;
  const { refusal, content } = message;
  return {
    text: typeof content === 'string' ? content : textOf(recordsOf(content)),
    hasOther: recordsOf(message['tool_calls']).length > 0 || recordOf(message['audio']) !== undefined,
    isCut: choice?.['finish_reason'] === 'length',
    isRefusal: typeof refusal === 'string' && refusal !== '',
  };
}

function readMessage({ content, stop_reason: reason }: Fields): AnsweredWith {
  const blocks = recordsOf(content);
  return {
    text: textOf(blocks),
    hasOther: blocks.some(({ type }) => type !== 'text' && type !== 'thinking' && type !== 'redacted_thinking'),
    isCut: reason === 'max_tokens',
    isRefusal: reason === 'refusal',
  };
}

function readResponse({ output, status }: Fields): AnsweredWith {
  const items = recordsOf(output);
  const parts = items.filter(({ type }) => type === 'message').flatMap(({ content }) => recordsOf(content));
  return {
    text: textOf(parts),
    hasOther: items.some(({ type }) => type !== 'message' && type !== 'reasoning'),
    isCut: status === 'incomplete',
    isRefusal: parts.some(({ type }) => type === 'refusal'),
  };
}

function readCandidates({ candidates }: Fields): AnsweredWith {
  const [candidate] = recordsOf(candidates);
  const parts = recordsOf(recordOf(candidate?.['content'])?.['parts']).filter(({ thought }) => thought !== true);
  return {
    text: textOf(parts),
    hasOther: parts.some((part) => !('text' in part)),
    isCut: candidate?.['finishReason'] === 'MAX_TOKENS',
    isRefusal: false,
  };
}

function textOf(parts: readonly Fields[]): string {
  return parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

function recordsOf(value: unknown): readonly Fields[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(recordOf).filter((entry) => entry !== undefined);
}

function recordOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function parse(body: Uint8Array): Fields | undefined {
  try {
    return recordOf(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()));
  } catch {
    return undefined;
  }
}
