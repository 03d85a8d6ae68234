import { crc32 } from 'node:zlib';
import { asGatewayError, GatewayError } from '#contracts';

/** One message of AWS's binary stream. */
export interface AwsFrame {
  /** `event`, `exception` (the service's own error) or `error` (anything unforeseen). */
  readonly messageType: string;
  /** `:event-type`, `:exception-type` or `:error-code`. */
  readonly name: string;
  /** `:error-message` of an `error` frame. */
  readonly errorMessage: string | undefined;
  /** A view of bytes of its own: may be kept. */
  readonly payload: Buffer;
}

export interface AwsFrameReader {
  /**
   * The frames that became whole. Throws `GatewayError` `upstream_invalid_response` for a wrong checksum or an impossible length; frames
   * before the fault are given first, and it is thrown by the next call.
   */
  push(chunk: Uint8Array): AwsFrame[];
  /** Throws a fault that is still to be told. A frame that has not become whole is dropped. */
  end(): void;
}

/** Lengths and their checksum; every frame begins with them. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** Limits of the format: 16 MiB of payload, 128 KiB of headers. */
const MAX_HEADER_BYTES = 128 * 1024;
const MAX_FRAME_BYTES = 16 * 1024 * 1024 + MAX_HEADER_BYTES + PRELUDE_BYTES + CHECKSUM_BYTES;

/**
 * Reads `application/vnd.amazon.eventstream`, cut anywhere (https://smithy.io/2.0/aws/amazon-eventstream.html): total length, headers' length
 * and the CRC32 of both, headers, payload, and the CRC32 of all before it; numbers are big-endian.
 */
export function createAwsFrameReader(maxFrameBytes = MAX_FRAME_BYTES): AwsFrameReader {
  let parts: Buffer[] = [];
  let size = 0;
  let wanted = PRELUDE_BYTES;
  let fault: GatewayError | undefined;

  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    // a copy: the rest may wait long, and must not keep the socket's whole buffer (or change with it)
    parts.push(Buffer.from(bytes));
    size += bytes.length;
  };

  const takeAll = (last: Buffer): Buffer => {
    const all = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    size = 0;
    return all;
  };

  const readInto = (frames: AwsFrame[], bytes: Buffer): void => {
    let at = 0;
    for (;;) {
      wanted = PRELUDE_BYTES;
      if (bytes.length - at < PRELUDE_BYTES) break;
      wanted = frameLength(bytes, at, maxFrameBytes);
      if (bytes.length - at < wanted) break;
      frames.push(readFrame(bytes.subarray(at, at + wanted)));
      at += wanted;
    }
    keep(bytes.subarray(at));
  };

  return {
    push(chunk) {
      if (fault !== undefined) throw fault;
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (size + bytes.length < wanted) {
        keep(bytes);
        return [];
      }
      const frames: AwsFrame[] = [];
      try {
        readInto(frames, takeAll(bytes));
      } catch (error) {
        fault = asGatewayError(error);
        if (frames.length === 0) throw fault;
      }
      return frames;
    },
    end() {
      if (fault !== undefined) throw fault;
    },
  };
}

/** The length of the frame at `at`, whose prelude is there. */
function frameLength(bytes: Buffer, at: number, maxFrameBytes: number): number {
  const length = bytes.readUInt32BE(at);
  const headersLength = bytes.readUInt32BE(at + 4);
  if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8)) throw invalid('a frame whose prelude has a wrong checksum');
  const isPossible =
    length <= maxFrameBytes && headersLength <= MAX_HEADER_BYTES && length >= PRELUDE_BYTES + headersLength + CHECKSUM_BYTES;
  if (!isPossible) throw invalid(`a frame of an impossible length (${length} bytes)`);
  return length;
}

function readFrame(frame: Buffer): AwsFrame {
  const end = frame.length - CHECKSUM_BYTES;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) throw invalid('a frame with a wrong checksum');
  const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  const headers = readHeaders(frame, headersEnd);
  const messageType = headers[':message-type'] ?? 'event';
  return {
    messageType,
    name: headers[':event-type'] ?? headers[':exception-type'] ?? headers[':error-code'] ?? '',
    errorMessage: headers[':error-message'],
    payload: frame.subarray(headersEnd, end),
  };
}

/** Bytes of a header value by type: true, false, byte, short, int, long, bytes, text, timestamp, UUID; the two with a length of their own are undefined. */
const VALUE_BYTES: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
const TEXT_TYPE = 7;

/** The headers whose value is text, by name. */
function readHeaders(frame: Buffer, headersEnd: number): Record<string, string> {
  const headers: Record<string, string> = {};
  let at = PRELUDE_BYTES;
  while (at < headersEnd) {
    const nameEnd = at + 1 + frame.readUInt8(at);
    if (nameEnd + 3 > frame.length) throw invalid('a frame whose headers are cut');
    const type = frame.readUInt8(nameEnd);
    if (type >= VALUE_BYTES.length) throw invalid('a frame with a header of an unknown type');
    const fixed = VALUE_BYTES[type];
    const valueAt = nameEnd + (fixed === undefined ? 3 : 1);
    const valueEnd = valueAt + (fixed ?? frame.readUInt16BE(nameEnd + 1));
    if (valueEnd > headersEnd) throw invalid('a frame whose headers are cut');
    if (type === TEXT_TYPE) headers[frame.toString('latin1', at + 1, nameEnd)] = frame.toString('utf8', valueAt, valueEnd);
    at = valueEnd;
  }
  return headers;
}

function invalid(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
