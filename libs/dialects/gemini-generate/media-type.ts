/** Types of files named by address, by the ending of the name: https://ai.google.dev/gemini-api/docs/file-input-methods. */
const BY_ENDING: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  json: 'application/json',
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  mp4: 'video/mp4',
  mpeg: 'video/mpeg',
  mov: 'video/quicktime',
  webm: 'video/webm',
  wmv: 'video/x-ms-wmv',
};

/** Undefined for an address whose type can't be seen (a file of the Files API): Gemini knows it itself there. */
export function mediaTypeOfAddress(address: string): string | undefined {
  const path = address.replace(/[?#].*$/s, '');
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1];
  return ending === undefined ? undefined : BY_ENDING[ending.toLowerCase()];
}

/** What Google reads itself: files of the Files API, public videos (https://ai.google.dev/gemini-api/docs/video-understanding). */
export function readsAddress(url: string): boolean {
  return /^https:\/\/generativelanguage\.googleapis\.com\/|^https:\/\/(?:(?:www|m)\.)?youtube\.com\/|^https:\/\/youtu\.be\//i.test(url);
}
