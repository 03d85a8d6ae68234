/** What a call will come to in tokens, before it is made: a permit for it has to be taken from `tpm`. Put right when the call is over. */
export interface TokenEstimate {
  of(body: Uint8Array): number;
  /** Output tokens of an answer. */
  learn(outputTokens: number): void;
}

const BYTES_PER_TOKEN = 4;
const FIRST_GUESS = 256;
const NEW_SHARE = 0.1;
/** Where the client says how long an answer may be. OpenAI counts the same against its own limits. */
const MOST_OUTPUT = /"max_(?:completion_|output_)?tokens"\s*:\s*(\d{1,7})/;
/** Searching a body for it: the field stands before or behind the conversation. */
const SEARCHED_BYTES = 4_096;

/** English text: four bytes a token in; out what the client allows at most, else what answers came to so far. */
export function tokenEstimate(): TokenEstimate {
  let usualOutput = FIRST_GUESS;
  return {
    of(body) {
      const input = Math.ceil(body.length / BYTES_PER_TOKEN);
      return input + Math.ceil(statedOutput(body) ?? usualOutput);
    },
    learn(outputTokens) {
      usualOutput += NEW_SHARE * (outputTokens - usualOutput);
    },
  };
}

function statedOutput(body: Uint8Array): number | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const end = bytes.length > SEARCHED_BYTES ? bytes.subarray(-SEARCHED_BYTES).toString('latin1') : '';
  const found = MOST_OUTPUT.exec(bytes.subarray(0, SEARCHED_BYTES).toString('latin1')) ?? MOST_OUTPUT.exec(end);
  return found === null ? undefined : Number(found[1]);
}
