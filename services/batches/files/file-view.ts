import type { StoredFile } from '#db';

/** OpenAI's file object (https://platform.openai.com/docs/api-reference/files/object). */
export function fileView(file: StoredFile) {
  return {
    id: file.id,
    object: 'file',
    bytes: file.sizeBytes,
    created_at: seconds(file.createdAt),
    expires_at: seconds(file.expiresAt),
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
    status_details: null,
  };
}

/** Unix seconds, as OpenAI tells times. */
export function seconds(at: Date): number;
export function seconds(at: Date | null): number | null;
export function seconds(at: Date | null): number | null {
  return at === null ? null : Math.floor(at.getTime() / 1_000);
}
