import type http from 'node:http';
import { answerWhole, refuse, writeChunk } from './openai-answers.ts';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What a model does with a call: after so many milliseconds its first token or its error; undefined: nothing. */
export interface TimedBehaviour {
  readonly afterMs: number | undefined;
  readonly status?: number;
}

export interface TimedCall {
  readonly model: string;
  readonly question: string;
  /** `performance.now()` of its arrival, and of its connection's end where that came before the answer's. */
  readonly at: number;
  abortedAt: number | undefined;
}

export interface TimedModels extends ScriptedProvider {
  readonly calls: readonly TimedCall[];
  /** Of one question, by model. */
  callsFor(question: string): Readonly<Record<string, TimedCall | undefined>>;
}

/** A provider whose models take the time that the question says: `{"slow": {"afterMs": 900}, …}` behind the question's `#`. */
export async function startTimedModels(): Promise<TimedModels> {
  const calls: TimedCall[] = [];
  const provider = await startScriptedProvider((request, response) => {
    const { model, messages, stream } = JSON.parse(request.body.toString()) as Asked;
    const question = messages[0]?.content ?? '';
    const call: TimedCall = { model, question, at: performance.now(), abortedAt: undefined };
    calls.push(call);
    response.on('close', () => {
      if (!response.writableFinished) call.abortedAt = performance.now();
    });
    const behaviour = (JSON.parse(question.slice(question.indexOf('#') + 1)) as Record<string, TimedBehaviour>)[model];
    if (behaviour?.afterMs === undefined) return;
    setTimeout(() => act(response, behaviour, model, stream === true), behaviour.afterMs);
  });
  return {
    ...provider,
    calls,
    callsFor: (question) => Object.fromEntries(calls.filter((call) => call.question === question).map((call) => [call.model, call])),
    get aborted() {
      return provider.aborted;
    },
  };
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly content: string }[];
}

function act(response: http.ServerResponse, { status }: TimedBehaviour, model: string, stream: boolean): void {
  if (status !== undefined) return refuse(response, status);
  if (!stream) return answerWhole(response, `from ${model}`);
  writeChunk(response, { role: 'assistant', content: 'from ' });
  writeChunk(response, { content: model }, 'stop');
  response.end('data: [DONE]\n\n');
}
