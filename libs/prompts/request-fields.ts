import { decodeUploadForm, type JobMeta, uploadFields } from '#contracts';

/** The fields of a request by the bytes that its job has; how many bytes there are where they can't be read. Never throws. */
export function requestFields({ uploadRef }: Pick<JobMeta, 'uploadRef'>, body: Uint8Array): object | number {
  try {
    if (uploadRef !== undefined) return uploadFields(decodeUploadForm(body), undefined);
    const fields: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return typeof fields === 'object' && fields !== null ? fields : body.length;
  } catch {
    return body.length;
  }
}
