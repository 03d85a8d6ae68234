/** What differs between generations of Claude models, read off the model's name. */
export interface ModelAbilities {
  /**
   * `budget`: `thinking: {type: "enabled", budget_tokens}`; `adaptive`: `{type: "adaptive"}` with `output_config.effort`
   * (budgets are deprecated from 4.6 on and refused from 4.7 on).
   */
  readonly thinking: 'budget' | 'adaptive';
  /** Adaptive thinking shows its text only when asked (4.7 on). */
  readonly hidesThinking: boolean;
  /** `output_config.effort: "xhigh"` (4.7 on). */
  readonly xhighEffort: boolean;
  /** `output_config.format` with a JSON schema (4.1 on). */
  readonly outputSchema: boolean;
  /** `temperature`, `top_p` and `top_k` (refused from 4.7 on). */
  readonly sampling: boolean;
  /** `temperature` or `top_p`, not both (refused from 4.1 on). */
  readonly oneSampling: boolean;
  /** A last turn of the assistant is gone on with (refused from 4.6 on). */
  readonly prefill: boolean;
}

/** `claude-opus-4-6`, `claude-3-5-sonnet-20241022`, `anthropic/claude-sonnet-5@20260801`: the first number or two with at most two digits. */
const VERSION = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;

/** A name without a version (another host's alias) is taken for a model that has everything and thinks by budget, the form most hosts know. */
export function abilitiesOf(model: string): ModelAbilities {
  const match = VERSION.exec(model.toLowerCase());
  if (match === null)
    return {
      thinking: 'budget',
      hidesThinking: false,
      xhighEffort: false,
      outputSchema: true,
      sampling: true,
      oneSampling: false,
      prefill: false,
    };
  const version = Number(match[1]) * 100 + Number(match[2] ?? 0);
  return {
    thinking: version >= 406 ? 'adaptive' : 'budget',
    hidesThinking: version >= 407,
    xhighEffort: version >= 407,
    outputSchema: version >= 401,
    sampling: version < 407,
    oneSampling: version >= 401,
    prefill: version < 406,
  };
}
