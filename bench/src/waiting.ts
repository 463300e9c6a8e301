/**
 * Sleeps most of the time that work which is under way still takes. Awaiting a buffer map in Node keeps a core
 * spinning, which a software adapter then lacks. The last tenth is left to the map: a sleeper does not notice work that
 * is done early, so that an estimate which is too long would confirm itself.
 * @param expectedMs from `startedAt` on
 */
export async function sleepThrough(expectedMs: number, startedAt: number): Promise<void> {
  const remaining = 0.9 * expectedMs - (performance.now() - startedAt);
  if (remaining > 2) await new Promise((wake) => setTimeout(wake, remaining));
}
