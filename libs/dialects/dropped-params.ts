import { unsupportedParameter } from './openai-chat/unsupported-parameter.ts';

/** What a request asks for that its provider can't do: refused by its name, or left out and remembered. */
export interface DroppedParams {
  /** In the client's words. */
  readonly dropped: string[];
  /** Throws `unsupported_parameter`, or notes the parameter under `drop_params`. `why` is a sentence for the client. */
  refuse(this: void, param: string, why?: string): void;
}

export function createDroppedParams(dropParams: boolean): DroppedParams {
  const dropped: string[] = [];
  return {
    dropped,
    refuse: (param, why) => {
      if (!dropParams) throw unsupportedParameter(param, why);
      dropped.push(param);
    },
  };
}
