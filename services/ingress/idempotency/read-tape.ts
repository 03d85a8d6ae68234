import { type AnswerEvent, type ErrorCode, fromErrorRecord, GatewayError } from '#contracts';
import type { ClientResponse, ClientResponseOptions } from '../chat/client-response.ts';
import type { AnswerTape, TapeReader } from './answer-tape.ts';
import { isLast } from './answer-tape.ts';

export interface ReadTapeOptions {
  readonly open: (on: Pick<ClientResponseOptions, 'onDrain' | 'onGone'>) => ClientResponse;
  /** The client has the end or is gone. */
  readonly onOver?: (response: ClientResponse, code: ErrorCode | undefined) => void;
}

/** Gives a client the answer from its start, as fast as the client takes it. Returns what ends it early with an error. */
export function readTape(tape: AnswerTape, { open, onOver }: ReadTapeOptions): (error: GatewayError) => void {
  let isOver = false;
  const reader: TapeReader = { position: 0, wake: () => pump() };
  const finish = (code: ErrorCode | undefined): void => {
    if (isOver) return;
    isOver = true;
    tape.leave(reader);
    onOver?.(response, code);
  };
  const response = open({ onDrain: () => pump(), onGone: () => finish('client_gone') });
  const pump = (): void => {
    for (let event = tape.at(reader.position); event !== undefined && !isOver && !response.backedUp; event = tape.at(reader.position)) {
      reader.position += 1;
      play(event, response);
      if (isLast(event)) return finish(event.kind === 'fail' ? event.error.code : undefined);
    }
    tape.taken();
  };
  const fail = (error: GatewayError): void => {
    if (isOver) return;
    response.fail(error, undefined);
    finish(error.code);
  };
  if (tape.join(reader)) pump();
  else fail(tooLargeToJoin());
  return fail;
}

export function tooLargeToJoin(): GatewayError {
  return new GatewayError('conflict', 'The answer to this Idempotency-Key is larger than what is kept to be given again.', {
    param: 'idempotency-key',
  });
}

function play(event: AnswerEvent, response: ClientResponse): void {
  switch (event.kind) {
    case 'head':
      return response.head(event.head);
    case 'data':
      return response.write(event.bytes);
    case 'end':
      return response.end(event.head, event.bytes);
    case 'fail':
      return response.fail(fromErrorRecord(event.error), event.head);
  }
}
