/** 64 hexadecimal digits name a version of a model. */
const VERSION = /^(?:.*:)?([0-9a-f]{64})$/;
const DEPLOYMENTS = 'deployments/';

export interface NamedModel {
  /** Below the API's base. */
  readonly path: string;
  readonly version: string | undefined;
}

/** `owner/name` (official models), `deployments/owner/name`, `owner/name:version` or a version alone. */
export function readModel(model: string): NamedModel {
  const version = VERSION.exec(model)?.[1];
  if (version !== undefined) return { path: '/predictions', version };
  const kind = model.startsWith(DEPLOYMENTS) ? 'deployments' : 'models';
  const name = kind === 'deployments' ? model.slice(DEPLOYMENTS.length) : model;
  return { path: `/${kind}/${name.split('/').map(encodeURIComponent).join('/')}/predictions`, version };
}
