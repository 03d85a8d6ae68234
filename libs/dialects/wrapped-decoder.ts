import type { StreamDecoder, StreamStep } from './exchange.ts';

/** A stream's decoder whose steps are changed on their way; what it knows of the stream is what the decoder inside knows. */
export abstract class WrappedDecoder implements StreamDecoder {
  readonly #inside: StreamDecoder;

  constructor(inside: StreamDecoder) {
    this.#inside = inside;
  }

  get usage() {
    return this.#inside.usage;
  }

  get finishReason() {
    return this.#inside.finishReason;
  }

  get producedText() {
    return this.#inside.producedText;
  }

  push(chunk: Uint8Array): StreamStep {
    return this.changed(this.#inside.push(chunk));
  }

  end(): StreamStep {
    return this.changed(this.#inside.end());
  }

  protected abstract changed(step: StreamStep): StreamStep;
}
