import { textAnswer, toolAnswer, type Answer, type AnswerLimits, type ToolCall } from './answer.ts';
import type { ChatRequest, Tool } from './chat-request.ts';
import type { Instructions, ToolCallInstruction } from './instructions.ts';
import { sampleFromSchema } from './sample-from-schema.ts';
import { fillerSource, numberedSource, textSource } from './tokens.ts';

/** What the model answers. Explicit instructions go first, then what the request asks for (tools, JSON), then an echo. */
export function composeAnswer(request: ChatRequest, instructions: Instructions, callId: string): Answer {
  const limits: AnswerLimits = { maxTokens: request.maxTokens, finishReason: instructions.finish_reason };
  const { text, tokens, tool_calls: calls } = instructions;
  if (calls !== undefined)
    return toolAnswer(
      calls.map((call, index) => explicitCall(call, callId, index)),
      limits,
    );
  if (text !== undefined) return textAnswer(textSource(text), limits);
  if (tokens !== undefined) return textAnswer(instructions.numbered === true ? numberedSource(tokens) : fillerSource(tokens), limits);
  const tools = toolsToCall(request);
  if (tools.length > 0)
    return toolAnswer(
      tools.map((tool, index) => plausibleCall(tool, callId, index)),
      limits,
    );
  return textAnswer(textSource(request.answerSchema === undefined ? plainText(request) : jsonText(request)), limits);
}

/** The `tools` model calls tools until it is given a result; any model does when the request demands it. */
function toolsToCall(request: ChatRequest): readonly Tool[] {
  const { tools, toolChoice, conversation } = request;
  if (typeof toolChoice === 'object') return tools.filter((tool) => tool.name === toolChoice.name).slice(0, 1);
  const wanted = toolChoice === 'required' || (request.model === 'tools' && conversation.toolResult === undefined);
  if (!wanted || toolChoice === 'none') return [];
  const named = tools.filter((tool) => conversation.lastUserText.includes(tool.name));
  if (named.length === 0) return tools.slice(0, 1);
  return request.parallelToolCalls ? named : named.slice(0, 1);
}

function plausibleCall(tool: Tool, callId: string, index: number): ToolCall {
  const made = sampleFromSchema({ type: 'object', ...tool.parameters });
  return { id: `call_${callId}_${index}`, name: tool.name, arguments: JSON.stringify(made) };
}

function explicitCall(call: ToolCallInstruction, callId: string, index: number): ToolCall {
  const given = call.arguments ?? {};
  return {
    id: call.id ?? `call_${callId}_${index}`,
    name: call.name,
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
  };
}

const QUOTED_CHARS = 500;

function plainText({ model, conversation }: ChatRequest): string {
  if (model === 'json') return '{"answer":"some answer"}';
  if (conversation.toolResult !== undefined) return `The tool said: ${quoted(conversation.toolResult)}`;
  if (conversation.lastUserText === '') return 'You said nothing.';
  return `You said: ${quoted(conversation.lastUserText)}`;
}

function quoted(text: string): string {
  return text.length <= QUOTED_CHARS ? text : `${text.slice(0, QUOTED_CHARS).toWellFormed()} ...`;
}

function jsonText(request: ChatRequest): string {
  return JSON.stringify(sampleFromSchema(request.answerSchema ?? {}));
}
