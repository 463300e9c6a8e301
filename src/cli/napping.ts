/** Milliseconds of a nap: short beside the 50 ms of a submission, long beside a turn of the event loop. */
const napMs = 1;

/**
 * Waits for `promise`, and meanwhile lets the thread sleep for a moment in every turn of the event loop. Dawn asks the
 * device whether it is done in every turn as long as anything is awaited from it, so that a core spins, which a software
 * adapter then lacks: with naps the default network trains half as fast again on two cores. Sleeping until a submission
 * is expected to be done, instead, is slower: an estimate that is too long confirms itself.
 */
export async function napping<T>(promise: Promise<T>): Promise<T> {
  const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let waits = true;
  const nap = () => {
    if (!waits) return;
    Atomics.wait(never, 0, 0, napMs);
    setImmediate(nap);
  };
  setImmediate(nap);
  try {
    return await promise;
  } finally {
    waits = false;
  }
}
