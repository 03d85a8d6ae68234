import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { ImageBytes } from '../conversation/content-part.ts';
import type { ToolCall } from '../conversation/tool.ts';

/** A whole answer as the events of a stream: one for each part, its end last. */
export function eventsOfAnswer(answer: ConversationAnswer): readonly ConversationEvent[] {
  const reasoning = answer.reasoning.flatMap((block): ConversationEvent[] => {
    const shown = block.type === 'encrypted' ? block.summary : block.type === 'redacted' ? '' : block.text;
    return [...(shown === '' ? [] : [{ type: 'reasoning', text: shown } as const]), { type: 'reasoning-block', block }];
  });
  const calls = answer.toolCalls.flatMap(({ id, name, signature, argumentsText }, index): ConversationEvent[] => [
    { type: 'tool-call', index, id, name, signature },
    { type: 'tool-arguments', index, text: argumentsText },
  ]);
  return [
    { type: 'start', model: answer.model },
    ...reasoning,
    ...(answer.text === '' ? [] : [{ type: 'text', text: answer.text } as const]),
    ...(answer.images ?? []).map((image) => ({ type: 'text', text: '', image }) as const),
    ...calls,
    ...(answer.usage === undefined ? [] : [{ type: 'usage', usage: answer.usage } as const]),
    { type: 'finish', reason: answer.finishReason },
  ];
}

/** The events of a stream as one answer; undefined where they have no end. */
export function answerOfEvents(events: Iterable<ConversationEvent>): ConversationAnswer | undefined {
  const gathered = createGathering();
  for (const event of events) gathered.add(event);
  return gathered.answer();
}

type OpenCall = Omit<ToolCall, 'argumentsText'> & { argumentsText: string };

function createGathering() {
  const reasoning: ReasoningBlock[] = [];
  const images: ImageBytes[] = [];
  const calls = new Map<number, OpenCall>();
  let [model, text, plain] = ['', '', ''];
  let usage: ConversationAnswer['usage'];
  let finishReason: ConversationAnswer['finishReason'] | undefined;

  return {
    add(event: ConversationEvent): void {
      if (event.type === 'start') model = event.model;
      else if (event.type === 'text') {
        text += event.text;
        if (event.image !== undefined) images.push(event.image);
      } else if (event.type === 'reasoning') plain += event.text;
      else if (event.type === 'reasoning-block') {
        reasoning.push(event.block);
        plain = '';
      } else if (event.type === 'tool-call') {
        calls.set(event.index, { id: event.id, name: event.name, signature: event.signature, argumentsText: '' });
      } else if (event.type === 'tool-arguments') {
        const call = calls.get(event.index);
        if (call !== undefined) call.argumentsText += event.text;
      } else if (event.type === 'usage') ({ usage } = event);
      else finishReason = event.reason;
    },
    answer(): ConversationAnswer | undefined {
      if (finishReason === undefined) return undefined;
      const toolCalls = [...calls].sort(([a], [b]) => a - b).map(([, call]) => ({ ...call, argumentsText: call.argumentsText || '{}' }));
      const all = plain === '' ? reasoning : [...reasoning, { type: 'plain', text: plain } as const];
      return { model, text, reasoning: all, toolCalls, finishReason, usage, images: images.length === 0 ? undefined : images };
    },
  };
}
