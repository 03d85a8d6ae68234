export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const PNG_SIGNATURE = 0x89504e47;
const GIF_SIGNATURE = 0x47494638;
const JPEG_START = 0xffd8;
/** Start-of-frame markers of JPEG: C0 to CF without the tables C4, C8 and CC. */
const isFrameMarker = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Width and height in pixels from the head of a PNG, GIF or JPEG; undefined for anything else and for a head that was cut. */
export function imageSize(bytes: Buffer): ImageSize | undefined {
  if (bytes.length < 24) return undefined;
  if (bytes.readUInt32BE(0) === PNG_SIGNATURE) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (bytes.readUInt32BE(0) === GIF_SIGNATURE) return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return bytes.readUInt16BE(0) === JPEG_START ? jpegSize(bytes) : undefined;
}

/** Walks from segment to segment, each with its marker and length. */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (isFrameMarker(marker)) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
