import type { JsonRecord } from '../json/record.ts';

/** `safety_settings` as `safetySettings`. Google's JSON takes both (https://protobuf.dev/programming-guides/json/). */
export function camelCase(name: string): string {
  return name.includes('_') ? name.replaceAll(/(?<=[^_])_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()) : name;
}

/** The record with its own members (not those within) in camel case. */
export function camelMembers(record: JsonRecord): JsonRecord {
  for (const name in record) {
    if (name.includes('_')) return Object.fromEntries(Object.entries(record).map(([key, value]) => [camelCase(key), value]));
  }
  return record;
}
