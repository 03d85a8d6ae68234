import type { SentPieces } from '#contracts';

/** Events of a stream that are not for the client yet, with what they show. */
export interface HeldAnswer {
  bytes(): number;
  add(bytes: Uint8Array, shown: SentPieces | undefined): void;
  /** All of it, once. */
  take(): { readonly body: Uint8Array; readonly shown: SentPieces | undefined } | undefined;
}

export function createHeldAnswer(): HeldAnswer {
  let parts: Uint8Array[] = [];
  let shown: SentPieces | undefined;
  let size = 0;
  return {
    bytes: () => size,
    add(bytes, pieces) {
      parts.push(bytes);
      size += bytes.length;
      shown = mergePieces(shown, pieces);
    },
    take() {
      if (parts.length === 0 && shown === undefined) return undefined;
      const held = { body: Buffer.concat(parts), shown };
      parts = [];
      shown = undefined;
      size = 0;
      return held;
    },
  };
}

export function mergePieces(first: SentPieces | undefined, second: SentPieces | undefined): SentPieces | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    model: first.model ?? second.model,
    reasoning: joined(first.reasoning, second.reasoning),
    text: joined(first.text, second.text),
    broken: first.broken ?? second.broken,
  };
}

function joined(first: readonly string[] | undefined, second: readonly string[] | undefined): readonly string[] | undefined {
  return first === undefined || second === undefined ? (first ?? second) : [...first, ...second];
}
