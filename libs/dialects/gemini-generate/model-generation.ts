/** What differs between Google's models, read off the model's name. */
export interface ModelAbilities {
  /**
   * `budget`: `thinkingConfig.thinkingBudget` in tokens (2.5); `level`: `thinkingConfig.thinkingLevel` (3 on)
   * (https://ai.google.dev/gemini-api/docs/thinking). `none`: the model does not think, and refuses the setting.
   */
  readonly thinking: 'budget' | 'level' | 'none';
  /** Smallest budget or level. Pro models can't be told not to think. */
  readonly canStopThinking: boolean;
  /** The smallest budget above 0 that the model takes. */
  readonly minBudgetTokens: number;
  /** `systemInstruction`; Gemma has none. */
  readonly systemInstruction: boolean;
  /** Calls carry ids, and the first call of a step must come back with its signature (3 on). */
  readonly signedCalls: boolean;
  /** Media inside `functionResponse.parts` (3 on). */
  readonly mediaInResults: boolean;
}

const VERSION = /gemini-(\d+)(?:\.(\d+))?/;
/** https://ai.google.dev/gemini-api/docs/thinking#set-budget */
const MIN_PRO_BUDGET = 128;
const MIN_FLASH_LITE_BUDGET = 512;
const FIRST_THINKING_VERSION = 205;
const FIRST_LEVEL_VERSION = 300;

/** A name without a version (`gemini-flash-latest`) is the newest; one that is not Gemini's (a tuned endpoint) thinks by budget, which all generations take. */
export function abilitiesOf(model: string): ModelAbilities {
  const name = model.toLowerCase();
  const match = VERSION.exec(name);
  const isNewest = match === null && /gemini-[a-z-]+/.test(name);
  const version = match === null ? undefined : Number(match[1]) * 100 + Number(match[2] ?? 0);
  const isLevel = isNewest || (version !== undefined && version >= FIRST_LEVEL_VERSION);
  const isGemma = name.includes('gemma');
  const isOld = isGemma || (version !== undefined && version < FIRST_THINKING_VERSION);
  return {
    thinking: isOld ? 'none' : isLevel ? 'level' : 'budget',
    canStopThinking: !name.includes('pro'),
    minBudgetTokens: name.includes('pro') ? MIN_PRO_BUDGET : name.includes('flash-lite') ? MIN_FLASH_LITE_BUDGET : 1,
    systemInstruction: !isGemma,
    signedCalls: isLevel,
    mediaInResults: isLevel,
  };
}
