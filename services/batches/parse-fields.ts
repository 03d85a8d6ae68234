import type { z } from 'zod';
import { GatewayError } from '#contracts';

/** Throws `invalid_request` with the field at fault. Fields that are not known are left out. */
export function parseFields<Schema extends z.ZodObject>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path.join('.') ?? '';
  throw new GatewayError('invalid_request', `${param === '' ? 'The request' : param}: ${issue?.message ?? 'not valid'}`, { param });
}
