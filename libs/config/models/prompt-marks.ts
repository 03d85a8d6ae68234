import type { GatewayConfig } from '../gateway-config.ts';
import { DEFAULT_PROMPT_CACHE } from '../sections/read-prompt-cache.ts';
import type { PromptMarkPoint } from '../settings/prompt-cache-settings.ts';
import type { Deployment } from '../settings/deployment.ts';
import { modelGroupSettings } from './model-group-settings.ts';

export interface PromptMarks {
  readonly places: 'auto' | readonly PromptMarkPoint[];
  readonly minTokens: number;
}

type Settings = Pick<GatewayConfig, 'promptCache' | 'modelGroups'>;

/** How prompts for a deployment are marked: at its own places, else as its group or the gateway says; undefined: not at all. */
export function promptMarksOf(
  { promptMarkPoints, modelGroup }: Pick<Deployment, 'promptMarkPoints' | 'modelGroup'>,
  config: Settings,
): PromptMarks | undefined {
  const { enabled, minTokens } = config.promptCache ?? DEFAULT_PROMPT_CACHE;
  if (promptMarkPoints !== undefined) return { places: promptMarkPoints, minTokens };
  return (modelGroupSettings(config, modelGroup)?.promptCache ?? enabled) ? { places: 'auto', minTokens } : undefined;
}
