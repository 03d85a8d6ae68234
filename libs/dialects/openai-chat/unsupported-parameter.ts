import { GatewayError } from '#contracts';

/** Promise P7: what a provider can't take is refused by name, unless `drop_params` says otherwise. */
export function unsupportedParameter(param: string, reason?: string): GatewayError {
  const why = reason === undefined ? '' : ` ${reason}`;
  return new GatewayError(
    'unsupported_parameter',
    `The provider of this model does not support '${param}'.${why} Remove it, or set drop_params.`,
    {
      param,
    },
  );
}
