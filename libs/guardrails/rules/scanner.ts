import type { GuardrailAction, GuardrailRule } from '#config';
import { cardDetector } from '../detect/card.ts';
import { type Detector, type Finding, withoutOverlaps } from '../detect/detector.ts';
import { emailDetector } from '../detect/email.ts';
import { ibanDetector } from '../detect/iban.ts';
import { ipDetector } from '../detect/ip-address.ts';
import { createNationalIdDetector } from '../detect/national-id.ts';
import { NATIONAL_ID_KINDS } from '../detect/national-ids.ts';
import { createPatternDetector } from '../detect/pattern.ts';
import { createPhoneDetector } from '../detect/phone.ts';
import { secretDetector } from '../detect/secret.ts';
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
      const found = parts.flatMap(({ detector, actionOf }) =>
        detector.find(text, from).map((finding) => ({ ...finding, action: actionOf(finding.category) })),
      );
      return withoutOverlaps(found) as readonly ScanFinding[];
    },
    holdFrom: (text, from) => parts.reduce((least, { detector }) => Math.min(least, detector.holdFrom(text, from)), text.length),
  };
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
  if (national.length > 0) detectors.push(createNationalIdDetector(national));
  return detectors.map((detector) => ({ detector, actionOf }));
}
