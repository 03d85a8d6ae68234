import { isRecord } from '../json/record.ts';
import { viewObject } from '../json/splice-members.ts';

/** The body of a chat or completions request with `stream_options.include_usage`; all else keeps its bytes. */
export function askForStreamUsage(body: Uint8Array): Uint8Array {
  const view = viewObject(body);
  const options = view.raw('stream_options');
  const asked =
    isRecord(view.value('stream_options')) && options ? viewObject(options).splice(new Map([['include_usage', 'true']])) : ASKED;
  return view.splice(new Map([['stream_options', asked]]));
}

const ASKED = '{"include_usage":true}';
