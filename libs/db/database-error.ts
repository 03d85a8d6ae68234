import { InvalidMessage } from '#contracts';

/**
 * What a failed statement says about its cause, by SQLSTATE
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */

/** 22 data exception, 23 integrity constraint violation, 54 program limit exceeded (a value too large for its index). */
const REFUSED_DATA = /^(22|23|54)/;

/**
 * 08 connection exception, 28 and 3D wrong credentials or database, 53 out of resources, 57P0x shut down or starting,
 * 57014 the statement's time is over; Node's own codes for sockets.
 */
const UNREACHABLE = /^(08|28|3D|53|57P0|57014$|E[A-Z]+$)/;

/** 40001 serialization failure, 40P01 deadlock: the transaction was ended for the sake of another one. */
const CONTENTION = /^(40001|40P01)$/;

/** What pg reports without any code: the end of a connection under a query, and its own time limits. */
const DRIVER_MESSAGES = /^(Connection terminated|timeout e|Query read timeout|Client has encountered|Client was closed|Cannot use a pool)/;

/** The rows are at fault: the same statement fails again however often it is tried. */
export function isRefusedData(error: unknown): boolean {
  if (error instanceof InvalidMessage) return true;
  return chainOf(error).some((link) => typeof link.code === 'string' && REFUSED_DATA.test(link.code));
}

/** The database can't be reached or doesn't answer; a later try may work. */
export function isDatabaseDown(error: unknown): boolean {
  return chainOf(error).some((link) => {
    if (typeof link.code === 'string') return UNREACHABLE.test(link.code);
    return typeof link.message === 'string' && DRIVER_MESSAGES.test(link.message);
  });
}

/** Nothing is wrong with the transaction: the same again works once the other one is over. */
export function isContention(error: unknown): boolean {
  return chainOf(error).some((link) => typeof link.code === 'string' && CONTENTION.test(link.code));
}

/** The name of the unique constraint that refused a row, if that is what happened. */
export function violatedUnique(error: unknown): string | undefined {
  const link = chainOf(error).find((candidate) => candidate.code === '23505');
  return typeof link?.constraint === 'string' ? link.constraint : undefined;
}

/**
 * The error as it may be logged: drizzle's own quotes the statement with its parameters (aliases, metadata), the driver's
 * below it does not.
 */
export function driverError(error: unknown): unknown {
  return error instanceof Error && 'params' in error && error.cause !== undefined ? error.cause : error;
}

interface ErrorLike {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** The error and its causes: drizzle wraps what the driver throws. */
function chainOf(error: unknown): ErrorLike[] {
  const chain: ErrorLike[] = [];
  let link = error;
  while (typeof link === 'object' && link !== null && chain.length < 5) {
    const current: ErrorLike = link;
    chain.push(current);
    link = current.cause;
  }
  return chain;
}
