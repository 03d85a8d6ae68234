import { isRecord, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { checkModel } from '../openai-chat/validate-request.ts';

/**
 * Structure of a `generateContent` request whose `model` was read off the address. Permissive for everything it does not
 * know. Throws `GatewayError` `invalid_request` with the field in `param`.
 */
export function validateRequest(body: JsonRecord): void {
  checkModel(body['model']);
  checkContents(body['contents']);
}

export function checkContents(contents: unknown): void {
  if (!Array.isArray(contents) || contents.length === 0) throw invalidField('contents', 'must be an array of at least one content');
  for (let index = 0; index < contents.length; index += 1) {
    const content: unknown = contents[index];
    if (!isRecord(content)) throw invalidField(`contents[${index}]`, 'must be an object with parts');
    if (!Array.isArray(content['parts'])) throw invalidField(`contents[${index}].parts`, 'must be an array of parts');
    if (!content['parts'].every(isRecord)) throw invalidField(`contents[${index}].parts`, 'must hold objects');
  }
}
