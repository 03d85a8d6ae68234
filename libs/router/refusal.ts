/** The first words of an answer that declines. Only short ones count: a long one has more to say. */
const REFUSAL =
  /^\W*(?:(?:i['’]?m|i am) (?:very |so )?(?:sorry|afraid)\b.{0,40}\b(?:can['’]?t|cannot|can not|unable|not able|won['’]?t)\b|(?:sorry|unfortunately|apologies|regrettably)\b.{0,40}\b(?:can['’]?t|cannot|unable|not able|won['’]?t)\b|i (?:can['’]?t|cannot|can not|won['’]?t|will not|am unable to|am not able to) (?:help|assist|answer|do that|do this|provide|comply|fulfil|complete|create|discuss)|(?:i['’]?m|i am) (?:unable|not able) to\b|as an ai\b.{0,80}\b(?:can['’]?t|cannot|unable|not able))/i;
const BEGINNING = /^\W*(?:i\b|i['’]?m\b|sorry|unfortunat|apologies|regrettably|as an ai)/i;

/** A refusal says so at once. */
const REFUSAL_CHARS = 160;
const LONGEST_REFUSAL = 700;
/** As long as the longest of its first words. */
const BEGINNING_CHARS = 14;

/** English only: a model that declines in another language is not noticed. */
export function isRefusal(text: string): boolean {
  return text.length <= LONGEST_REFUSAL && REFUSAL.test(text.slice(0, REFUSAL_CHARS));
}

/** Of an answer whose beginning is all there is yet: what of it is shown to a client can't be taken back. */
export function mayBecomeRefusal(text: string): boolean {
  if (text.length < BEGINNING_CHARS) return true;
  return text.length < REFUSAL_CHARS && BEGINNING.test(text);
}
