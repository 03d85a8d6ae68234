import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';

/** What a request asks for that no other format has: refused by its name, or left out and remembered. */
export interface DecodeContext {
  readonly dropped: string[];
  /** Throws `unsupported_parameter`, unless the caller prefers such parameters dropped. */
  refuse(param: string): void;
}

export function createDecodeContext(dropParams: boolean): DecodeContext {
  const dropped: string[] = [];
  return {
    dropped,
    refuse: (param) => {
      if (!dropParams) throw unsupportedParameter(param);
      dropped.push(param);
    },
  };
}
