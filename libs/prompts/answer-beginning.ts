/** The beginning of an answer while it comes, piece by piece: what is more than `maxBytes` is counted, and not held. */
export class AnswerBeginning {
  /** Of all that came. */
  sizeBytes = 0;
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(bytes: Uint8Array): void {
    const room = this.#maxBytes - this.#heldBytes;
    if (room > 0) {
      // a copy: what it is a view of is reused
      const piece = Buffer.from(bytes.subarray(0, room));
      this.#pieces.push(piece);
      this.#heldBytes += piece.length;
    }
    this.sizeBytes += bytes.length;
  }

  held(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
