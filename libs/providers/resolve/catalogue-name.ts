import { findProvider } from '../table.ts';

export interface CatalogueName {
  /** The provider's id in the price catalogue; undefined when the catalogue does not have it. */
  readonly pricesAs: string | undefined;
  /** The model as the catalogue may know it: without a prefix of ours such as `invoke/`. */
  readonly upstreamModel: string;
}

/** What a model of a deployment is looked up by in the price catalogue. */
export function catalogueName({ provider, upstreamModel }: { readonly provider: string; readonly upstreamModel: string }): CatalogueName {
  const record = findProvider(provider);
  const prefixes = record?.families?.flatMap((family) => family.prefix ?? []) ?? [];
  const prefix = prefixes.find((one) => upstreamModel.startsWith(one)) ?? '';
  return { pricesAs: record?.pricesAs, upstreamModel: upstreamModel.slice(prefix.length) };
}
