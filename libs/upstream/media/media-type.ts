type Signature = (bytes: Buffer) => boolean;

const begins =
  (...start: readonly number[]): Signature =>
  (bytes) =>
    start.every((byte, index) => bytes[index] === byte);
const says =
  (text: string, at = 0): Signature =>
  (bytes) =>
    bytes.toString('latin1', at, at + text.length) === text;

/** How files of these types begin (https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern). */
const SIGNATURES: readonly (readonly [string, Signature])[] = [
  ['image/png', begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ['image/jpeg', begins(0xff, 0xd8, 0xff)],
  ['image/gif', (bytes) => says('GIF87a')(bytes) || says('GIF89a')(bytes)],
  ['image/webp', (bytes) => says('RIFF')(bytes) && says('WEBP', 8)(bytes)],
  ['image/bmp', says('BM')],
  ['image/tiff', (bytes) => begins(0x49, 0x49, 0x2a, 0x00)(bytes) || begins(0x4d, 0x4d, 0x00, 0x2a)(bytes)],
  ['image/avif', says('ftypavif', 4)],
  ['image/heic', (bytes) => says('ftypheic', 4)(bytes) || says('ftypmif1', 4)(bytes)],
  ['application/pdf', says('%PDF-')],
];

/**
 * The type of a fetched file, undefined when it is none that a model reads. Pictures and PDF are known by their bytes: a server's word
 * for them counts only in that it must not be another kind. Audio has too many beginnings; there its word is taken.
 */
export function mediaTypeOf(contentType: string | undefined, bytes: Buffer): string | undefined {
  const stated = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (stated.startsWith('audio/')) return stated;
  const isOpen = stated === '' || stated === 'application/octet-stream' || stated === 'binary/octet-stream';
  if (!isOpen && !stated.startsWith('image/') && stated !== 'application/pdf') return undefined;
  const found = SIGNATURES.find(([, matches]) => matches(bytes))?.[0];
  const isOfKind = isOpen || found?.split('/')[0] === stated.split('/')[0];
  return isOfKind ? found : undefined;
}
