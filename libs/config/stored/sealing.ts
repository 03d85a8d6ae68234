import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Secrets of stored models are sealed with AES-256-GCM before they leave admin: neither Postgres nor NATS sees them. The key is derived from
 * the salt key by HKDF (RFC 5869). What is sealed belongs to its place (`model/<id>/litellm_params.api_key`): moved elsewhere it can't be opened.
 */
export interface Sealing {
  /** Eight characters that name the key without giving it away. */
  readonly keyId: string;
  seal(text: string, place: string): string;
  /** Throws `SealError` for what another key has sealed, was changed, or stands in another place. */
  open(sealed: string, place: string): string;
}

/** Says why something can't be opened; never what it holds. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const PREFIX = 'sealed:v1:';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export function isSealed(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(PREFIX);
}

/** `saltKey` is any text that is long and random enough. */
export function createSealing(saltKey: string): Sealing {
  const key = derive(saltKey, 'headrace stored secrets');
  const keyId = hash('sha256', key).slice(0, 8);
  return {
    keyId,
    seal(text, place) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${PREFIX}${keyId}:${sealed.toString('base64url')}`;
    },
    open(sealed, place) {
      const [sealedBy = '', encoded = ''] = sealed.slice(PREFIX.length).split(':');
      if (sealedBy !== keyId) throw new SealError(`it was sealed with another salt key (${sealedBy}, here ${keyId})`);
      const bytes = Buffer.from(encoded, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SealError('it was changed after it was sealed', { cause: error });
      }
    },
  };
}

/** The salt key of an installation that has none: from the master key, which therefore can't be changed without losing what is sealed. */
export function saltKeyFrom(masterKey: string): string {
  return derive(masterKey, 'headrace salt key').toString('base64url');
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
}
