const PLACEHOLDER = /\{(\w+)\}/g;

/** The names between braces. */
export function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/** The template with its placeholders filled in; `onMissing` is told a name without a value and may throw. */
export function fillTemplate(
  template: string,
  value: (name: string) => string | undefined,
  onMissing: (name: string) => string | undefined,
): string | undefined {
  if (!template.includes('{')) return template;
  let complete = true;
  const filled = template.replaceAll(PLACEHOLDER, (_all, name: string) => {
    const text = value(name) ?? onMissing(name);
    complete &&= text !== undefined;
    return text ?? '';
  });
  return complete ? filled : undefined;
}

/** Templates that are left out when a placeholder of theirs has no value. */
export function fillOptional(
  templates: Readonly<Record<string, string>> | undefined,
  value: (name: string) => string | undefined,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates ?? {})) {
    const text = fillTemplate(template, value, () => undefined);
    if (text !== undefined) filled[name] = text;
  }
  return filled;
}
