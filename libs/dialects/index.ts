export { readUserId } from './anthropic-messages/read-user-id.ts';
export { encodeClientError, encodeStreamError, requestIdHeader, validateClientRequest } from './client-edge.ts';
export { costInUsage, type CostOfUsage } from './cost-in-usage.ts';
export * from './exchange.ts';
export { askForStreamUsage } from './openai-chat/ask-for-stream-usage.ts';
export type { EncodedError } from './openai-chat/encode-error.ts';
export { createJsonArrayWriter } from './gemini-generate/json-array.ts';
export { joinUpstreamUrl } from './join-upstream-url.ts';
export { measureChat, type MeasuredChat } from './openai-chat/measure-prompt.ts';
export { markPrompt, type MarkPoint, takesMarks } from './mark-prompt.ts';
export { openExchange } from './open-exchange.ts';
export {
  type Continuation,
  expandRequest,
  historyItem,
  inputItems,
  referencedItems,
  resolveItems,
} from './openai-responses/continue-request.ts';
export { type ReadAnswer, readWrittenAnswer, reshapeAnswer, type WrittenAnswer } from './reshape/reshape-answer.ts';
export { encodeRestart, type RestartFacts } from './restart-event.ts';
export { responseId, responseOfItem } from './openai-responses/encode-output.ts';
export { remoteMediaOf, type RemoteMedia } from './remote-media.ts';
export { parseExact } from './json/exact-json.ts';
export { parseEvent } from './sse/parse-event.ts';
export { createEventSplitter } from './sse/split-events.ts';
export { WrappedDecoder } from './wrapped-decoder.ts';
