import { expect, it } from 'vitest';
import { mediaTypeOf } from './media-type.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const PDF = Buffer.from('%PDF-1.7\n');
const HTML = Buffer.from('<html><body>sign in</body></html>');

it.each([
  ['a picture', 'image/png', PNG, 'image/png'],
  ['a picture under another picture’s name', 'image/png; charset=binary', JPEG, 'image/jpeg'],
  ['GIF', 'image/gif', Buffer.from('GIF89a..'), 'image/gif'],
  ['WebP', 'image/webp', Buffer.from('RIFF....WEBPVP8 '), 'image/webp'],
  ['HEIC', 'image/heic', Buffer.from('\0\0\0\u0018ftypheic'), 'image/heic'],
  ['a document', 'application/pdf', PDF, 'application/pdf'],
  ['a document of a store that says nothing', 'application/octet-stream', PDF, 'application/pdf'],
  ['a picture without a type', undefined, PNG, 'image/png'],
  ['a recording', 'Audio/MPEG', Buffer.from('ID3'), 'audio/mpeg'],
])('knows %s', (_what, stated, bytes, expected) => {
  expect(mediaTypeOf(stated, bytes)).toBe(expected);
});

it.each([
  ['a page under a picture’s name', 'image/png', HTML],
  ['a document under a picture’s name', 'image/png', PDF],
  ['a page', 'text/html', HTML],
  ['JSON', 'application/json', Buffer.from('{}')],
  ['a picture under a page’s name', 'text/html', PNG],
  ['nothing', 'image/png', Buffer.alloc(0)],
  ['unknown bytes without a type', undefined, HTML],
])('refuses %s', (_what, stated, bytes) => {
  expect(mediaTypeOf(stated, bytes)).toBeUndefined();
});
