import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { environmentReferences } from './environment-references.ts';

test('references are found in the file and in what it includes, also in a circle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'a.yaml'), 'include: [b.yaml]\nmodel_list:\n  - {rpm: os.environ/A_RPM, key: "os.environ/A_KEY"}\n');
  writeFileSync(join(folder, 'b.yaml'), 'include:\n  - a.yaml\nkey: os.environ/B_KEY\n');
  expect([...environmentReferences(join(folder, 'a.yaml'))].toSorted()).toEqual(['A_KEY', 'A_RPM', 'B_KEY']);
});
