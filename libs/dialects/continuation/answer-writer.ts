import { addUsage, type SentAnswer, type SentPieces } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { createTextJoiner, type JoinOptions } from './join-text.ts';

type Encode = (event: ConversationEvent) => string;

/** Writes an answer, or the rest of one, and tells what its client has seen. */
export interface AnswerWriter {
  readonly encode: Encode;
  /** What the text encoded since the last call shows. */
  takeShown(): SentPieces | undefined;
}

/**
 * The first attempt's writer: what the client's encoder gets is noted on the way. Only plain text can be gone on with, behind
 * reasoning that is plain text too: all else breaks the note.
 */
export function createFirstWriter(encode: Encode): AnswerWriter {
  const shown = createNote();
  return {
    takeShown: shown.take,
    encode: (event) => {
      shown.add(event);
      return encode(event);
    },
  };
}

/**
 * The writer of the rest: the client's encoder is told again what was sent (its text is thrown away), so that ids, indexes and
 * sequence numbers go on. Then it gets the new text, joined; one `start`, one `finish`, and the usage of all attempts.
 */
export function createNextWriter(encode: Encode, sent: SentAnswer, options: JoinOptions): AnswerWriter {
  const shown = createNote();
  const joiner = createTextJoiner(sent.text.join(''), options);
  replay(encode, sent);

  const write = (event: ConversationEvent): string => {
    shown.add(event);
    return encode(event);
  };
  const writeText = (text: string): string => (text === '' ? '' : write({ type: 'text', text }));

  return {
    takeShown: shown.take,
    encode: (event) => {
      switch (event.type) {
        case 'start':
        case 'reasoning':
        case 'reasoning-block':
          // the answer has begun, and reasoning in its middle would be a block of its own
          return '';
        case 'text':
          return event.image === undefined ? writeText(joiner.push(event.text)) : writeText(joiner.end()) + write(event);
        case 'usage':
          return encode({ type: 'usage', usage: addUsage(sent.spent, event.usage) });
        case 'tool-call':
        case 'finish':
          return writeText(joiner.end()) + write(event);
        case 'tool-arguments':
          return write(event);
      }
    },
  };
}

function replay(encode: Encode, sent: SentAnswer): void {
  encode({ type: 'start', model: sent.model });
  for (const text of sent.reasoning) encode({ type: 'reasoning', text });
  if (sent.reasoning.length > 0 && sent.text.length > 0) {
    encode({ type: 'reasoning-block', block: { type: 'plain', text: sent.reasoning.join('') } });
  }
  for (const text of sent.text) encode({ type: 'text', text });
}

function createNote() {
  let model: string | undefined;
  let reasoning: string[] = [];
  let text: string[] = [];
  let broken: true | undefined;
  let hasText = false;
  let isEmpty = true;

  const add = (event: ConversationEvent): void => {
    if (event.type === 'usage' || event.type === 'finish') return;
    isEmpty = false;
    if (event.type === 'start') model = event.model;
    else if (event.type === 'text' && event.image === undefined) {
      text.push(event.text);
      hasText ||= event.text !== '';
    } else if (event.type === 'reasoning' && !hasText) reasoning.push(event.text);
    else if (event.type !== 'reasoning-block' || event.block.type !== 'plain') broken = true;
  };

  const take = (): SentPieces | undefined => {
    if (isEmpty) return undefined;
    const pieces: SentPieces = {
      model,
      reasoning: reasoning.length > 0 ? reasoning : undefined,
      text: text.length > 0 ? text : undefined,
      broken,
    };
    model = undefined;
    reasoning = [];
    text = [];
    isEmpty = true;
    return pieces;
  };
  return { add, take };
}
