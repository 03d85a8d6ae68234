import { bareModelsOf } from '#providers';
import type { Deployment } from '../settings/deployment.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import type { DeploymentDraft } from './read-deployment.ts';

/**
 * `model_name: "*"` with `model: "*"` lets clients name any provider's model. A deployment has one provider, so the entry becomes
 * one `provider/*` deployment per provider whose key is at hand, and one for each family of names that need no provider.
 */
export function expandCatchAll(
  draft: DeploymentDraft,
  keyedProviders: readonly string[],
  entry: SourceNode,
  reading: Reading,
): readonly Deployment[] {
  const { provider } = draft;
  if (provider !== undefined) return [{ ...draft, provider }];
  if (draft.modelGroup !== '*' || keyedProviders.length === 0) {
    reading.problem(entry, 'model "*" does not say which provider serves it', {
      suggestion: 'set the API key of a provider in the environment and use model_name "*", or write one entry per provider: "openai/*"',
    });
    return [];
  }
  const prefixed = keyedProviders.map((id) => ({ ...draft, id: `${draft.id}-${id}`, provider: id, modelGroup: `${id}/*` }));
  const bare = keyedProviders.flatMap((id) =>
    bareModelsOf(id).map((beginning) => {
      const pattern = `${beginning}*`;
      return { ...draft, id: `${draft.id}-${beginning}`, provider: id, modelGroup: pattern, upstreamModel: pattern };
    }),
  );
  return [...prefixed, ...bare];
}
