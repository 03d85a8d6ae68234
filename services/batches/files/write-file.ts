import { beginFile, deleteFile, finishFile, type NewFile, type StoredFile } from '#db';
import type { BatchesResources } from '../resources.ts';

type WriteResources = Pick<BatchesResources, 'db' | 'store'>;

export interface FileSource {
  readonly file: NewFile;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Asked when all bytes are stored; may throw, and then there is no file. */
  readonly finish: () => { readonly purpose?: string; readonly filename?: string; readonly expiresAt: Date | null };
}

/** A file is there when all of it is, or not at all. */
export async function writeFile({ file, chunks, finish }: FileSource, { db, store }: WriteResources): Promise<StoredFile> {
  await beginFile(db, file);
  try {
    const sizeBytes = await store.write(file.id, chunks);
    return await finishFile(db, file.id, { ...finish(), sizeBytes });
  } catch (error) {
    await removeFile(file.id, { db, store }).catch(() => undefined);
    throw error;
  }
}

/** Bytes first: a row without bytes is found again, bytes without a row are not. */
export async function removeFile(id: string, { db, store }: WriteResources): Promise<void> {
  await store.delete(id);
  await deleteFile(db, id);
}
