/** A text and what is to be found in it. */
export interface LabelledText {
  readonly text: string;
  /** Category → the places, as their texts. Nothing listed: it only looks alike. */
  readonly has: readonly { readonly category: string; readonly text: string }[];
}

/** `{}` in a frame is where the value stands. */
export function positives(category: string, frames: readonly string[], values: readonly string[]): LabelledText[] {
  return values.flatMap((value) => frames.map((frame) => ({ text: frame.replace('{}', value), has: [{ category, text: value }] })));
}

export function lookAlikes(...texts: readonly string[]): LabelledText[] {
  return texts.map((text) => ({ text, has: [] }));
}
