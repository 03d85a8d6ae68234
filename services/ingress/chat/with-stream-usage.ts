import { askForStreamUsage } from '#dialects';
import type { ClientCall } from './read-request.ts';

/** `always_include_stream_usage`: a stream of chat or completions whose client says nothing of its usage, as if it had asked for it. */
export function withStreamUsage(call: ClientCall): ClientCall {
  const { dialect, stream, fields } = call;
  if (!stream || (dialect !== 'openai-chat' && dialect !== 'openai-completions')) return call;
  const options = fields['stream_options'];
  const stated = typeof options === 'object' && options !== null ? options : {};
  if ('include_usage' in stated) return call;
  return {
    ...call,
    body: Buffer.from(askForStreamUsage(call.body)),
    fields: { ...fields, stream_options: { ...stated, include_usage: true } },
  };
}
