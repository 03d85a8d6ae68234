import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitRequests } from './split-requests.ts';

async function* cut(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function split(text: string, size: number, longestBytes = 1_000_000): Promise<string[]> {
  const found: string[] = [];
  for await (const element of splitRequests(cut(text, size), { longestBytes })) found.push(element);
  return found;
}

test('whatever the requests are and wherever the body is cut, each one comes out as it went in', async () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const request = fc.record({ custom_id: fc.string(), params: fc.dictionary(fc.string(), json) });
  const body = fc.record({ before: json, requests: fc.array(request, { maxLength: 8 }), after: json });
  await fc.assert(
    fc.asyncProperty(body, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 2), async (value, size, indent) => {
      const found = await split(JSON.stringify(value, null, indent), size);
      expect(found.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(value.requests)));
    }),
    { numRuns: 300 },
  );
});

test.each([
  '[]',
  '{}',
  '{"a": {"requests": [{}]}}',
  '{"requests": {}}',
  '"requests"',
  '{"requests": [[]]}',
  '{"requests": ["a"]}',
  '{"requests": [{}',
  '}',
])('%s is refused, whatever came before', async (text) => {
  await expect(split(text, 3)).rejects.toMatchObject({ status: 400 });
});

test('an element that is too long is refused while it arrives', async () => {
  await expect(split(`{"requests":[{"a":"${'x'.repeat(5_000)}`, 100, 1_000)).rejects.toMatchObject({ code: 'body_too_large' });
});
