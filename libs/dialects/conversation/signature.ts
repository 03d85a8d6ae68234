/**
 * Who signed a piece of reasoning: only the same family of models takes it back. Signatures of Claude travel as they are, in
 * every client's format; others carry their issuer, so that after a move to another provider they are left out instead of
 * being refused there.
 */
export type SignatureIssuer = 'claude' | 'google' | 'gpt';

export interface Signature {
  readonly issuer: SignatureIssuer;
  readonly value: string;
}

const ISSUERS: readonly SignatureIssuer[] = ['claude', 'google', 'gpt'];
const MARK = 'hr1.';

/** A signature as text for a client. */
export function packSignature({ issuer, value }: Signature): string {
  return issuer === 'claude' ? value : `${MARK}${issuer}.${value}`;
}

/** What `packSignature` wrote; text without a mark is Claude's own. */
export function unpackSignature(text: string): Signature {
  if (text.startsWith(MARK)) {
    const end = text.indexOf('.', MARK.length);
    const issuer = ISSUERS.find((known) => known === text.slice(MARK.length, end));
    if (end > 0 && issuer !== undefined) return { issuer, value: text.slice(end + 1) };
  }
  return { issuer: 'claude', value: text };
}

const ID_MARK = '__sig__';

/** A tool call's id for a client, with the signature in it: clients give ids back and drop fields they do not know. */
export function packToolCallId(id: string, signature: Signature | undefined): string {
  return signature === undefined ? id : `${id}${ID_MARK}${Buffer.from(packSignature(signature)).toString('base64url')}`;
}

export function unpackToolCallId(text: string): { readonly id: string; readonly signature: Signature | undefined } {
  const at = text.indexOf(ID_MARK);
  if (at === -1) return { id: text, signature: undefined };
  const packed = Buffer.from(text.slice(at + ID_MARK.length), 'base64url').toString();
  return { id: text.slice(0, at), signature: unpackSignature(packed) };
}
