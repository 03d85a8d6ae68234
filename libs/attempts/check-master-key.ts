import { masterKeySource, objectToMasterKey } from '#config';

/** The part of a service that listens for an administrator. */
export interface Listening {
  readonly settings: { readonly host: string; readonly allowsWeakMasterKey: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: { warn(fields: object, message: string): void };
}

/** Warns of a master key that can be guessed. Throws where others can reach the service, before it listens. */
export function checkMasterKey(key: string | undefined, { settings, env, log }: Listening): void {
  if (key === undefined) return;
  const { host, allowsWeakMasterKey: isWeakAllowed } = settings;
  const objection = objectToMasterKey({ key, source: masterKeySource(env), host, isWeakAllowed });
  if (objection === undefined) return;
  if (objection.isRefused) throw new Error(objection.message);
  log.warn({ reason: objection.message }, 'weak master key');
}
