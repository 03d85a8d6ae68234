import type { ChatRequest } from './chat-request.ts';
import type { Instructions } from './instructions.ts';
import { modelInstructions } from './models.ts';
import { OpenAiError } from './openai-error.ts';
import type { Sessions } from './sessions.ts';

/** What every call shall do unless it says otherwise itself; makes any model name known. For tests that break a whole provider. */
export type Behaviour = (model: string) => Instructions | undefined;

export interface InstructionSources {
  readonly sessions: Sessions;
  readonly behaviour: Behaviour | undefined;
  /** Unknown models echo instead of being refused. */
  readonly anyModel: boolean;
}

/**
 * The model's name, then the sandbox's own behaviour, then the request's `sandbox` member, then its script's entry: the
 * later goes before the earlier, member by member. Throws `OpenAiError` 404 for a model nothing is known of.
 */
export function resolveInstructions(request: ChatRequest, sources: InstructionSources): Instructions {
  const byName = modelInstructions(request.model);
  const ambient = sources.behaviour?.(request.model);
  const own = request.instructions;
  if (byName === undefined && ambient === undefined && own === undefined && !sources.anyModel) {
    throw new OpenAiError(404, `The model '${request.model}' does not exist. GET /v1/models lists those that do.`, { param: 'model' });
  }
  if (ambient === undefined && own === undefined) return byName ?? NO_INSTRUCTIONS;
  return { ...byName, ...ambient, ...own, ...scripted(own, sources.sessions) };
}

const NO_INSTRUCTIONS: Instructions = {};

function scripted(own: Instructions | undefined, sessions: Sessions): Instructions | undefined {
  if (own?.script === undefined || own.session === undefined) return undefined;
  const call = sessions.nextCall(own.session);
  return own.script[Math.min(call, own.script.length - 1)];
}
