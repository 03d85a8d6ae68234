import { GatewayError } from '#contracts';

const [QUOTE, ESCAPE, OPEN, CLOSE, LIST, LIST_END, COMMA] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c];

/**
 * The elements of the list `requests` of `{"requests": […]}`, each as its own JSON text, as they arrive: a body of 200 MB is never held.
 * Finds the ends of elements by their brackets alone; what is inside is for whoever parses them. Throws `invalid_json`, `body_too_large`
 * (one element), `invalid_request` when there is no such list.
 */
export async function* splitRequests(chunks: AsyncIterable<Buffer>, { longestBytes }: { longestBytes: number }): AsyncGenerator<string> {
  const scan = createScan();
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = scan.inElement ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const step = scan.step(chunk[at] ?? 0);
      if (step === 'begin') from = at;
      if (step !== 'end') continue;
      parts.push(chunk.subarray(from, at + 1));
      yield Buffer.concat(parts).toString('utf8');
      [parts, size, from] = [[], 0, -1];
    }
    if (from === -1) continue;
    parts.push(Buffer.from(chunk.subarray(from)));
    size += chunk.length - from;
    if (size > longestBytes)
      throw new GatewayError('body_too_large', `A request is longer than ${longestBytes} bytes.`, { param: 'requests' });
  }
  if (!scan.ended) throw new GatewayError('invalid_json', 'The request body is not a JSON object, or ends in the middle.');
  if (!scan.found) throw new GatewayError('invalid_request', 'requests: send a list of requests.', { param: 'requests' });
}

/** A byte at a time: depth of brackets, strings, and the last key of the outer object. */
function createScan() {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let key: number[] = [];
  let inList = false;
  const state = { inElement: false, found: false, ended: false };
  const open = (byte: number): 'begin' | undefined => {
    depth += 1;
    if (depth === 2 && byte === LIST && Buffer.from(key).toString() === 'requests') [inList, state.found] = [true, true];
    if (depth !== 3 || !inList) return undefined;
    if (byte !== OPEN) throw noObject();
    state.inElement = true;
    return 'begin';
  };
  const close = (): 'end' | undefined => {
    depth -= 1;
    if (depth === 0) state.ended = true;
    if (depth < 0) throw new GatewayError('invalid_json', 'The request body is not valid JSON.');
    if (depth === 1) inList = false;
    if (depth !== 2 || !inList || !state.inElement) return undefined;
    state.inElement = false;
    return 'end';
  };
  return Object.assign(state, {
    step(byte: number): 'begin' | 'end' | undefined {
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === ESCAPE) escaped = true;
        else if (byte === QUOTE) inString = false;
        else if (depth === 1 && key.length < 16) key.push(byte);
        return undefined;
      }
      if (byte === QUOTE) {
        inString = true;
        if (depth === 1) key = [];
        if (inList && depth === 2) throw noObject();
        return undefined;
      }
      if (byte === OPEN || byte === LIST) return open(byte);
      if (byte === CLOSE || byte === LIST_END) return close();
      if (inList && depth === 2 && byte !== COMMA && byte > 0x20) throw noObject();
      return undefined;
    },
  });
}

function noObject(): GatewayError {
  return new GatewayError('invalid_request', 'requests: each one must be an object with custom_id and params.', { param: 'requests' });
}
