import { type AnswerRecord, categoryName, count, isRecord, recordOf, recordsAt, replacedTexts, textAt } from './read-answer.ts';
import type { ServiceCodec } from './service-codec.ts';

/**
 * Amazon Bedrock's ApplyGuardrail (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html). An intervention is a block,
 * unless nothing but sensitive information was anonymised: then its outputs stand in the texts' place.
 */
export const bedrock: ServiceCodec = {
  encode({ texts, of }, { url, headers }) {
    return {
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ source: of === 'request' ? 'INPUT' : 'OUTPUT', content: texts.map((text) => ({ text: { text } })) }),
    };
  },
  decode(answer, { texts }) {
    const record = recordOf(answer);
    const action = textAt(record, 'action');
    if (action === 'NONE') return {};
    if (action !== 'GUARDRAIL_INTERVENED') throw new Error('the guardrail gave no action');
    const findings = recordsAt(record, 'assessments').flatMap(findingsIn);
    const names = findings.map(({ name }) => name);
    const blocking = findings.find((finding) => finding.action === 'BLOCKED');
    const outputs = recordsAt(record, 'outputs').map((output) => textAt(output, 'text') ?? '');
    const isMasked = blocking === undefined && findings.some((finding) => finding.action === 'ANONYMIZED');
    if (isMasked) return { texts: replacedTexts(outputs, texts), hits: count(names) };
    return { blocked: blocking?.name ?? names[0] ?? 'guardrail', hits: count(names) };
  },
};

interface AwsFinding {
  readonly name: string;
  readonly action: string | undefined;
}

/** Policies hold lists of findings, each with an action and a name of some kind. */
function findingsIn(assessment: AnswerRecord): readonly AwsFinding[] {
  return Object.entries(assessment)
    .filter(([name]) => name !== 'invocationMetrics')
    .flatMap(([, policy]) => (isRecord(policy) ? Object.keys(policy).flatMap((list) => recordsAt(policy, list)) : []))
    .filter((finding) => textAt(finding, 'action') !== undefined)
    .map((finding) => ({ name: categoryName(textAt(finding, 'type') ?? textAt(finding, 'name')), action: textAt(finding, 'action') }))
    .filter(({ action }) => action === 'BLOCKED' || action === 'ANONYMIZED');
}
