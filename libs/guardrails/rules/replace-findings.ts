import type { Vault } from './vault.ts';
import type { ScanFinding } from './scanner.ts';

/** `<EMAIL_ADDRESS>`, or a numbered sign where the text is to come back. */
export function replacementOf({ category, action }: ScanFinding, original: string, vault: Vault | undefined): string {
  const sign = action === 'restore' ? vault?.hide(placeholderName(category), original) : undefined;
  return sign ?? `<${placeholderName(category)}>`;
}

/** Findings sorted by place. */
export function replaceFindings(text: string, findings: readonly ScanFinding[], vault: Vault | undefined): string {
  let replaced = '';
  let at = 0;
  for (const finding of findings) {
    const { start, end } = finding;
    replaced += text.slice(at, start) + replacementOf(finding, text.slice(start, end), vault);
    at = end;
  }
  return replaced + text.slice(at);
}

/** Names of lists and patterns are an operator's. */
function placeholderName(category: string): string {
  return category.replaceAll(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}
