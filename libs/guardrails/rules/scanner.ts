import type { GuardrailAction, GuardrailRule } from '#config';
import { cardDetector } from '../detect/card.ts';
import type { Detector, Finding } from '../detect/detector.ts';
import { emailDetector } from '../detect/email.ts';
import { ibanDetector } from '../detect/iban.ts';
import { ipDetector } from '../detect/ip-address.ts';
import { createNationalIdDetector } from '../detect/national-id.ts';
import { NATIONAL_ID_KINDS } from '../detect/national-ids.ts';
import { createPatternDetector } from '../detect/pattern.ts';
import { createPhoneDetector } from '../detect/phone.ts';
import { secretDetector } from '../detect/secret.ts';
import { TextPass } from '../detect/text-pass.ts';
import { createWordsDetector } from '../detect/words.ts';

export interface ScanFinding extends Finding {
  readonly action: GuardrailAction;
}

/** All that a guardrail looks for in texts, as one. See `Detector` for what the two say. */
export interface Scanner {
  find(text: string, from: number): readonly ScanFinding[];
  holdFrom(text: string, from: number): number;
}

interface Part {
  readonly detector: Detector;
  readonly actionOf: (category: string) => GuardrailAction;
}

/** Undefined for rules that are not about places in texts. */
export function createScanner(rule: GuardrailRule): Scanner | undefined {
  const parts = partsOf(rule);
  if (parts.length === 0) return undefined;
  return {
    find(text, from) {
      // the parts of one guardrail read the same text
      const pass = new TextPass(text, from);
      const found: Found[] = [];
      for (const part of parts) for (const finding of part.detector.find(text, from, pass)) found.push({ finding, part });
      return inOrder(text, found).map(({ finding: { start, end, category }, part }) => ({
        start,
        end,
        category,
        action: part.actionOf(category),
      }));
    },
    holdFrom: (text, from) => parts.reduce((least, { detector }) => Math.min(least, detector.holdFrom(text, from)), text.length),
  };
}

interface Found {
  readonly finding: Finding;
  readonly part: Part;
}

/** How far behind a finding that gave way another of its kind is looked for. */
const AGAIN_CHARS = 128;
/** How far detectors look back, and more. */
const LOOK_BACK = 512;

/**
 * One after the other, as if the text were read from left to right: of two that overlap the first counts, or the longer one, and what the other's
 * detector would have found behind it instead is found.
 */
function inOrder(text: string, found: readonly Found[]): readonly Found[] {
  if (found.length < 2) return found;
  const waiting = [...found].sort(byPlace);
  const kept: Found[] = [];
  let end = -1;
  for (let at = 0; at < waiting.length; at += 1) {
    const next = waiting[at];
    if (next === undefined) continue;
    if (next.finding.start >= end) {
      kept.push(next);
      end = next.finding.end;
    } else if (next.finding.end > end) {
      insert(waiting, at + 1, again(text, end, next));
    }
  }
  return kept;
}

/** What a detector finds from a place on in the part of the text that it had found something in. */
function again(text: string, from: number, { finding, part }: Found): readonly Found[] {
  const cut = Math.max(0, from - LOOK_BACK);
  const near = text.slice(cut, finding.end + AGAIN_CHARS);
  return part.detector
    .find(near, from - cut)
    .map(({ start, end, category }) => ({ finding: { start: start + cut, end: end + cut, category }, part }))
    .filter((other) => other.finding.start < finding.end);
}

function insert(waiting: Found[], from: number, found: readonly Found[]): void {
  for (const one of found) {
    let at = from;
    while (at < waiting.length && byPlace(waiting[at] ?? one, one) <= 0) at += 1;
    waiting.splice(at, 0, one);
  }
}

function byPlace({ finding: a }: Found, { finding: b }: Found): number {
  return a.start - b.start || b.end - a.end;
}

function partsOf(rule: GuardrailRule): readonly Part[] {
  if (rule.kind === 'secrets') return [{ detector: secretDetector, actionOf: () => rule.action }];
  if (rule.kind === 'pii') return piiParts(rule);
  if (rule.kind !== 'words') return [];
  const actions = new Map([...rule.lists, ...rule.patterns].map(({ category, action }) => [category, action]));
  const actionOf = (category: string): GuardrailAction => actions.get(category) ?? 'block';
  const words = rule.lists.length === 0 ? [] : [createWordsDetector(rule.lists, rule.allowed)];
  return [...words, ...rule.patterns.map(createPatternDetector)].map((detector) => ({ detector, actionOf }));
}

function piiParts({ entities, phoneRegions }: Extract<GuardrailRule, { kind: 'pii' }>): readonly Part[] {
  const actionOf = (category: string): GuardrailAction => entities[category] ?? 'mask';
  const wanted = (category: string): boolean => entities[category] !== undefined;
  const single: readonly (readonly [string, Detector])[] = [
    ['EMAIL_ADDRESS', emailDetector],
    ['IBAN_CODE', ibanDetector],
    ['CREDIT_CARD', cardDetector],
    ['PHONE_NUMBER', createPhoneDetector(phoneRegions as Parameters<typeof createPhoneDetector>[0])],
    ['IP_ADDRESS', ipDetector],
  ];
  const national = NATIONAL_ID_KINDS.filter(wanted);
  const detectors = single.filter(([category]) => wanted(category)).map(([, detector]) => detector);
  // of two that find the same place the first counts: check digits say more than a shape
  if (national.length > 0) detectors.unshift(createNationalIdDetector(national));
  return detectors.map((detector) => ({ detector, actionOf }));
}
