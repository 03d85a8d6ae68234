import { asWritten, type Hidden, insideJson, restoreText } from './stream/restore-window.ts';
import type { TextKind } from './walk/walk-texts.ts';

/** One of the texts of an answer that is there whole. */
export interface WholeText {
  readonly text: string;
  readonly kind: TextKind;
  /** What the model answered: no reasoning, no tool's arguments. */
  readonly isAnswer: boolean;
}

/** Whether others may stand in the place of texts: arguments that were JSON are to stay it. */
export function mayReplace(texts: readonly WholeText[], replaced: readonly string[]): boolean {
  return texts.every(({ text, kind }, at) => {
    const next = replaced[at];
    return next === undefined || next === text || kind !== 'json' || !isJson(text) || isJson(next);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** With what was hidden from the provider put back. */
export function restoredText(text: string, kind: TextKind, hidden: Hidden): string {
  return restoreText(text, hidden, kind === 'json' ? insideJson : asWritten);
}
