import { expect, test } from 'vitest';
import { createResponseReader } from './response-reader.ts';

const TWO =
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' +
  'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n' +
  'HTTP/1.1 429 Too Many Requests\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab\r\n\r\na\r\n0123456789\r\n0\r\n\r\n' +
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: y\r\n\r\n';

function read(text: string, pieceBytes: number): string[] {
  const seen: string[] = [];
  let body = '';
  const reader = createResponseReader({
    head: (status) => void seen.push(String(status)),
    body: (bytes) => {
      body += bytes.toString();
    },
    end: () => {
      seen.push(body);
      body = '';
    },
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  expect(reader.idle).toBe(true);
  return seen;
}

test('responses with a length and in chunks are read the same, wherever they are cut', () => {
  for (let size = 1; size <= TWO.length; size += 1) {
    expect(read(TWO, size)).toEqual(['200', 'hello', '204', '', '429', 'ab\r\n0123456789', '200', 'x']);
  }
});

test('a response of unknown length is an error, not a wait', () => {
  const reader = createResponseReader({ head: () => {}, body: () => {}, end: () => {} });
  expect(() => reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('neither a length nor chunks');
});
