import type { GatewayConfig } from './gateway-config.ts';
import type { Deployment } from './settings/deployment.ts';

export interface ConfigCheckOptions {
  /** Where a deployment's price comes from (`libs/pricing`); without it only prices in the file are known. */
  readonly priceSource?: ((deployment: Deployment) => string) | undefined;
}

/** What `headrace config check` prints for a valid file: its models and its warnings. Shows no secret. */
export function renderConfigCheck(config: GatewayConfig, options: ConfigCheckOptions = {}): string {
  const priceSource = options.priceSource ?? ((deployment) => (deployment.prices === undefined ? '-' : 'config'));
  const rows = config.deployments.map((deployment) => [
    deployment.modelGroup,
    deployment.provider,
    deployment.upstreamModel,
    deployment.tier,
    priceSource(deployment),
    deployment.id,
  ]);
  const groups = new Set(config.deployments.map((deployment) => deployment.modelGroup)).size;
  const title = `${config.file ?? 'built-in configuration'}: ${plural(groups, 'model')}, ${plural(rows.length, 'deployment')}`;
  const parts = [title, renderTable([['MODEL', 'PROVIDER', 'SENT AS', 'TIER', 'PRICE', 'ID'], ...rows])];
  if (config.warnings.length > 0) {
    parts.push([`${plural(config.warnings.length, 'warning')}:`, ...config.warnings.map((warning) => `  ${warning}`)].join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
