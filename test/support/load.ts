import { chat, type ChatAnswer, type ChatTarget } from './chat-client.ts';

export interface LoadResult {
  readonly answers: readonly ChatAnswer[];
  /** Requests whose connection broke. */
  readonly broken: number;
}

/** Sends requests one after the other on several connections until `until` says so. Keeps the answers without their texts. */
export async function runLoad(options: {
  readonly target: ChatTarget;
  readonly connections: number;
  readonly body: (request: number) => unknown;
  readonly until: (sent: number) => boolean;
}): Promise<LoadResult> {
  const answers: ChatAnswer[] = [];
  let broken = 0;
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (!options.until(sent)) {
      const request = sent++;
      try {
        answers.push(await chat(options.target, options.body(request)));
      } catch {
        broken += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  return { answers, broken };
}
