import type { ExternalRule, ExternalService } from '#config';
import { bedrock } from './bedrock.ts';
import { generic } from './generic.ts';
import { lakera } from './lakera.ts';
import { moderation } from './openai-moderation.ts';
import type { GuardCall, GuardQuestion, GuardVerdict } from './question.ts';

/** How a service is asked in one call and what its answer means. Pure. */
export interface ServiceCodec {
  /** `key`: the service's, resolved. */
  encode(question: GuardQuestion, rule: ExternalRule, key: string | undefined): GuardCall;
  /** Throws for an answer that can't be read: no verdict is no pass. */
  decode(answer: unknown, question: GuardQuestion): GuardVerdict;
}

/** Presidio takes one text a call, and is asked by itself (`presidio.ts`). */
export const SERVICES: Readonly<Record<Exclude<ExternalService, 'presidio'>, ServiceCodec>> = {
  openai_moderation: moderation,
  bedrock,
  lakera_v2: lakera,
  generic_guardrail_api: generic,
};
