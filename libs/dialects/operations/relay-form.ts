import { decodeUploadForm, isUploadFile, type UploadFile, type UploadPart } from '#contracts';
import type { ExchangeInput, MultipartPiece } from '../exchange.ts';
import { applicableDefaults } from '../openai-chat/default-params.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';

export interface RelayedForm {
  readonly headers: Readonly<Record<string, string>>;
  readonly multipart: readonly MultipartPiece[];
  readonly files: readonly UploadFile[];
  readonly dropped: readonly string[];
  /** The client's value of a field; of a repeated one the last. */
  field(name: string): string | undefined;
}

/**
 * A client's form for a provider of the same format: the same parts in the same order with a boundary of our own, the model's
 * name replaced (or added), and without fields that speak to the gateway. Throws `unsupported_parameter`.
 */
export function relayForm(input: ExchangeInput): RelayedForm {
  const { parts } = decodeUploadForm(input.body);
  const fields = new Map(parts.flatMap((part) => (isUploadFile(part) ? [] : [[part.name, part.value] as const])));
  const names = new Set(parts.map((part) => part.name));
  const defaults = applicableDefaults((name) => names.has(name) || names.has(`${name}[]`), input.defaultParams);
  const { kept, dropped } = withoutUnsupported(
    [...parts.filter((part) => part.name !== 'model' && !isGatewayField(part.name) && part.name !== 'metadata'), ...fieldsOf(defaults)],
    input,
    fields.get('drop_params') === 'true',
  );
  const boundary = `headrace-${input.answerId}`;
  const multipart = encodeParts([{ name: 'model', value: input.upstreamModel }, ...kept], boundary);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(multipart.reduce((total, piece) => total + sizeOf(piece), 0)),
    },
    multipart,
    files: parts.filter(isUploadFile),
    dropped,
    field: (name) => fields.get(name),
  };
}

function fieldsOf(defaults: readonly (readonly [string, unknown])[]): UploadPart[] {
  return defaults.map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }));
}

function withoutUnsupported(parts: readonly UploadPart[], input: ExchangeInput, asksToDrop: boolean) {
  const unsupported = new Set(input.quirks.unsupportedParams ?? []);
  const refused = parts.find((part) => unsupported.has(part.name));
  if (refused !== undefined && !input.dropParams && !asksToDrop) throw unsupportedParameter(refused.name);
  return {
    kept: parts.filter((part) => !unsupported.has(part.name)),
    dropped: parts.filter((part) => unsupported.has(part.name)).map((part) => part.name),
  };
}

/** RFC 7578; names are escaped as browsers do (https://html.spec.whatwg.org/#multipart-form-data). */
function encodeParts(parts: readonly UploadPart[], boundary: string): MultipartPiece[] {
  const pieces: MultipartPiece[] = [];
  for (const part of parts) {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escapeName(part.name)}"`;
    if (isUploadFile(part)) {
      const type = /^[\x20-\x7e]+$/.test(part.contentType) ? part.contentType : 'application/octet-stream';
      pieces.push(Buffer.from(`${head}; filename="${escapeName(part.filename)}"\r\ncontent-type: ${type}\r\n\r\n`));
      pieces.push({ fileBytes: part.sizeBytes }, Buffer.from('\r\n'));
    } else {
      pieces.push(Buffer.from(`${head}\r\n\r\n${part.value}\r\n`));
    }
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return pieces;
}

function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

function sizeOf(piece: MultipartPiece): number {
  return 'fileBytes' in piece ? piece.fileBytes : piece.length;
}
