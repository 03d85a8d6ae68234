/** Milliseconds of the fastest of several rounds: what the work costs when nothing else takes the processor. */
export function fastestMs(work: () => void, rounds = 10): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - startedAt);
  }
  return fastest;
}
