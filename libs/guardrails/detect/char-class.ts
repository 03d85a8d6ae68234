/** Questions about single UTF-16 units, for scanners that look at every one of them. NaN (outside the text) is in no class. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

export function isWord(code: number): boolean {
  return isDigit(code) || isLetter(code) || code === 95 || code > 127;
}

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 160;
}

/** Where the run that ends the text begins: the first place from which on every unit is in the class, `from` at the earliest. */
export function trailingRun(text: string, from: number, belongs: (code: number) => boolean): number {
  let at = text.length;
  while (at > from && belongs(text.charCodeAt(at - 1))) at -= 1;
  return at;
}
