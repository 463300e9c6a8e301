/** Milliseconds of a nap: short beside the 50 ms of a submission, long beside a turn of the event loop. */
const napMs = 2;

/**
 * From now on lets the thread sleep for a moment in every turn of the event loop. Dawn asks the device whether it is done
 * in every turn as long as anything is awaited from it, so that a core spins, which a software adapter then lacks: with
 * naps the default network trains half as fast again on two cores. Sleeping until a submission is expected to be done,
 * instead, is slower: an estimate that is too long confirms itself.
 * @returns what ends it; until then the process does not end by itself
 */
export function takeNaps(): () => void {
  const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let awake = false;
  const nap = () => {
    if (awake) return;
    Atomics.wait(never, 0, 0, napMs);
    setImmediate(nap);
  };
  setImmediate(nap);
  return () => {
    awake = true;
  };
}

/** Waits for `promise` with naps. */
export async function napping<T>(promise: Promise<T>): Promise<T> {
  const wake = takeNaps();
  try {
    return await promise;
  } finally {
    wake();
  }
}
