/** The same promise, whose rejection may be found only later: its owner awaits it in its turn. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
