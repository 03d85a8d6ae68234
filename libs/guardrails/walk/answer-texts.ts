import type { ClientDialect } from '#contracts';
import { textPath, type TextPath } from './walk-texts.ts';

/** Where the texts of a whole answer stand. Signed reasoning is none: a provider refuses it once it was changed. */
export const ANSWER_TEXTS: Readonly<Partial<Record<ClientDialect, readonly TextPath[]>>> = {
  'openai-chat': [
    textPath('choices.*.message.content'),
    textPath('choices.*.message.content.*.text'),
    textPath('choices.*.message.refusal'),
    textPath('choices.*.message.reasoning_content'),
    textPath('choices.*.message.reasoning'),
    textPath('choices.*.message.tool_calls.*.function.arguments', 'json'),
    textPath('choices.*.message.function_call.arguments', 'json'),
  ],
  'openai-completions': [textPath('choices.*.text')],
  'openai-responses': outputPaths('output'),
  'anthropic-messages': [textPath('content.*.text'), textPath('content.*.input.**', 'tool')],
  'gemini-generate': [textPath('candidates.*.content.parts.*.text'), textPath('candidates.*.content.parts.*.functionCall.args.**', 'tool')],
};

function outputPaths(base: string): readonly TextPath[] {
  return [
    textPath(`${base}.*.content.*.text`),
    textPath(`${base}.*.content.*.refusal`),
    textPath(`${base}.*.summary.*.text`),
    textPath(`${base}.*.arguments`, 'json'),
    textPath(`${base}.*.input`, 'json'),
  ];
}

/** How a stream of a format brings its texts. */
export interface StreamTexts {
  /** Pieces of texts that go on in later events. */
  readonly deltas: readonly TextPath[];
  /** Texts that are whole where they stand: what was streamed is repeated so at the end. */
  readonly whole: readonly TextPath[];
  /** The texts that an event ends: beginnings of their slots (see `slotOf`), `''` for all. */
  readonly ends: (event: Readonly<Record<string, unknown>>) => readonly string[];
}

const ALL = [''] as const;
const NONE: readonly string[] = [];

export const STREAM_TEXTS: Readonly<Partial<Record<ClientDialect, StreamTexts>>> = {
  'openai-chat': {
    deltas: [
      textPath('choices.*.delta.content'),
      textPath('choices.*.delta.refusal'),
      textPath('choices.*.delta.reasoning_content'),
      textPath('choices.*.delta.reasoning'),
      textPath('choices.*.delta.tool_calls.*.function.arguments', 'json'),
      textPath('choices.*.delta.function_call.arguments', 'json'),
    ],
    whole: [],
    ends: endedChoices('choices', 'finish_reason'),
  },
  'openai-completions': { deltas: [textPath('choices.*.text')], whole: [], ends: endedChoices('choices', 'finish_reason') },
  'gemini-generate': {
    deltas: [textPath('candidates.*.content.parts.*.text')],
    whole: [textPath('candidates.*.content.parts.*.functionCall.args.**', 'tool')],
    ends: endedChoices('candidates', 'finishReason'),
  },
  'anthropic-messages': {
    deltas: [textPath('delta.text'), textPath('delta.partial_json', 'json')],
    whole: [],
    ends: ({ type, index }) => {
      if (type === 'content_block_stop') return [`${String(index)}:`];
      return type === 'message_delta' || type === 'message_stop' || type === 'error' ? ALL : NONE;
    },
  },
  'openai-responses': {
    deltas: [textPath('delta', 'text')],
    whole: [
      textPath('text'),
      textPath('refusal'),
      textPath('arguments', 'json'),
      textPath('input', 'json'),
      textPath('part.text'),
      textPath('part.refusal'),
      ...outputPaths('item').map(({ path, kind }) => ({ path: path.toSpliced(1, 1), kind })),
      ...outputPaths('response.output'),
    ],
    ends: ({ type, output_index: output }) => {
      const name = typeof type === 'string' ? type : '';
      if (!name.endsWith('.done'))
        return ['response.completed', 'response.incomplete', 'response.failed', 'error'].includes(name) ? ALL : NONE;
      return [`${String(output)}:`];
    },
  },
};

function endedChoices(list: string, reason: string): StreamTexts['ends'] {
  return (event) => {
    const choices = event[list];
    if (!Array.isArray(choices) || choices.length === 0) return ALL;
    return choices.flatMap((choice: Readonly<Record<string, unknown>>, at) =>
      typeof choice[reason] === 'string' ? [`:${list}.${numberOr(choice['index'], at)}.`] : [],
    );
  };
}

/** The text that a piece belongs to: its block, and its path with the indices that the format gives instead of places in lists. */
export function slotOf(event: Readonly<Record<string, unknown>>, path: string): string {
  const block = event['index'] ?? event['output_index'];
  if (typeof block !== 'number') return `:${indexed(event, path)}`;
  const { type } = event;
  const part = numberOr(event['content_index'] ?? event['summary_index'], '');
  return `${block}:${part}.${typeof type === 'string' ? type : ''}.${path}`;
}

function numberOr(value: unknown, other: number | string): string {
  return String(typeof value === 'number' ? value : other);
}

function indexed(event: unknown, path: string): string {
  let value = event;
  const parts = path.split('.').map((key) => {
    value = isRecord(value) ? value[key] : undefined;
    const index = isRecord(value) ? value['index'] : undefined;
    // a part that is thought and one that is said may stand at the same place in two events
    if (isRecord(value) && value['thought'] === true) return `${key}.thought`;
    return /^\d+$/.test(key) && typeof index === 'number' ? String(index) : key;
  });
  return parts.join('.');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
