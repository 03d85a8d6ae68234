/** Something of an answer that has no id: of its bytes, so that calls named after it are told apart from those of other answers. */
export function answerMark(bytes: Uint8Array): string {
  let mark = 0;
  for (const byte of bytes) mark = (mark * 31 + byte) >>> 0;
  return mark.toString(36);
}
