import { hash } from 'node:crypto';
import { isVector } from '#cache';
import type { Deployment } from '#config';
import { asGatewayError } from '#contracts';
import type { Caller } from '../auth/caller.ts';
import { type ClientCall, parseObject } from '../chat/read-request.ts';
import { runOwnCall } from '../job/own-call.ts';
import type { IngressResources } from '../resources.ts';
import type { EmbeddedText, EmbedText } from './similar-answers.ts';

/** How a caller's texts become vectors: by the model group of the settings, at the caller's cost, or by the model that comes with the gateway. */
export function embedQuestion(caller: Caller, resources: IngressResources): EmbedText {
  return async (text, { embeddingModel, embeddingTimeoutMs }) => {
    if (embeddingModel !== undefined) return embedByGroup({ text, caller, model: embeddingModel, withinMs: embeddingTimeoutMs }, resources);
    const vector = await resources.embedder.embed(text, { withinMs: embeddingTimeoutMs });
    return vector && { space: '', vector };
  };
}

interface TextOfCaller {
  readonly text: string;
  readonly caller: Caller;
  readonly model: string;
  readonly withinMs: number;
}

/** Never rejects: what fails, is refused or is late has no vector. */
async function embedByGroup(
  { text, caller, model, withinMs }: TextOfCaller,
  resources: IngressResources,
): Promise<EmbeddedText | 'late' | undefined> {
  try {
    const { head, body, job } = await runOwnCall({ call: embeddingCall(model, text), caller, model, withinMs }, resources);
    const vector = vectorOf(body);
    const { 'x-headrace-deployment': id = '', 'x-litellm-model-group': group = model } = head.headers;
    const deployment = resources.models.deployment(group, id);
    if (deployment === undefined || vector === undefined) return undefined;
    return { space: spaceOf(deployment), vector, costUsd: job.billed?.cost?.totalUsd };
  } catch (error) {
    const { code } = asGatewayError(error);
    resources.log.debug({ code, model }, 'a text was not embedded: no similar request is looked for');
    return code === 'upstream_timeout' ? 'late' : undefined;
  }
}

function embeddingCall(model: string, input: string): ClientCall {
  // no format is asked for: floats are every provider's default, and some refuse the field
  const fields = { model, input };
  return { dialect: 'openai-embeddings', body: Buffer.from(JSON.stringify(fields)), fields, model, stream: false };
}

/** Of OpenAI's form, which every provider's answer has been given. Throws for what is none. */
function vectorOf(body: Buffer): Float32Array | undefined {
  const { data } = parseObject(body);
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  const numbers: unknown = typeof first === 'object' && first !== null && 'embedding' in first ? first.embedding : undefined;
  if (!Array.isArray(numbers) || !numbers.every((one): one is number => typeof one === 'number')) return undefined;
  const vector = Float32Array.from(numbers);
  return isVector(vector) ? vector : undefined;
}

/** What vectors can be compared within: the model that made them, not the group, which may have several and change. */
function spaceOf({ provider, upstreamModel, apiBase, defaultParams }: Deployment): string {
  return hash('sha256', JSON.stringify([provider, upstreamModel, apiBase ?? null, defaultParams])).slice(0, 32);
}
