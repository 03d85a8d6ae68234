import type { TokenUsage } from '#contracts';

/** What the events of one stream have said so far. Whoever reads the events writes it; its decoder and the worker read it. */
export interface StreamState {
  /** The client has its end marker. */
  isDone: boolean;
  /** An event has come that carries content: text, reasoning, a tool call. */
  hasContent: boolean;
  usage: TokenUsage | undefined;
  finishReason: string | undefined;
  /** Text, reasoning and tool arguments. */
  producedText: string;
}

export function createStreamState(): StreamState {
  return { isDone: false, hasContent: false, usage: undefined, finishReason: undefined, producedText: '' };
}
