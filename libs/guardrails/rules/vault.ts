/** What was hidden from the provider and is put back in the answer. */
export interface Vault {
  /** The sign that stands for a text: the same for the same text. Undefined when it can hold no more. */
  hide(category: string, original: string): string | undefined;
  /** Sign → text. Undefined while it is empty. */
  readonly hidden: Readonly<Record<string, string>> | undefined;
}

/** It travels with the job: a request with more than this has the rest masked for good. */
const MAX_ENTRIES = 200;
const MAX_CHARS = 16_384;

/** `taken`: what stands in the request as such a sign already is not given to another text. */
export function createVault(taken: (placeholder: string) => boolean): Vault {
  const byText = new Map<string, string>();
  const byPlaceholder: Record<string, string> = {};
  const counts = new Map<string, number>();
  let chars = 0;
  return {
    hide(category, original) {
      const known = byText.get(`${category} ${original}`);
      if (known !== undefined) return known;
      chars += original.length;
      if (byText.size >= MAX_ENTRIES || chars > MAX_CHARS) return undefined;
      let placeholder = '';
      do {
        const count = (counts.get(category) ?? 0) + 1;
        counts.set(category, count);
        placeholder = `<${category}_${count}>`;
      } while (taken(placeholder));
      byText.set(`${category} ${original}`, placeholder);
      byPlaceholder[placeholder] = original;
      return placeholder;
    },
    get hidden() {
      return byText.size === 0 ? undefined : byPlaceholder;
    },
  };
}
