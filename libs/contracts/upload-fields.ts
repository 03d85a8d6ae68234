import { isUploadFile, type UploadForm } from './upload-form.ts';

/**
 * A form's fields as the checks and the ledger read them: text, but for the time limit, and a record in place of each file. Of a
 * repeated name the last one counts.
 */
export function uploadFields(form: UploadForm, addressedModel: string | undefined): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.fromEntries(
    form.parts.map((part) => [part.name, isUploadFile(part) ? { filename: part.filename, sizeBytes: part.sizeBytes } : part.value]),
  );
  const timeout = fields['timeout'];
  if (typeof timeout === 'string' && timeout.trim() !== '') fields['timeout'] = Number(timeout);
  if (addressedModel !== undefined) fields['model'] = addressedModel;
  return fields;
}
