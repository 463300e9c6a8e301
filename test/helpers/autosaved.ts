import type { Page } from "@playwright/test";

/** What a browser keeps of a page's training. */
export interface Autosaved {
  /** The last step. */
  readonly last: number;
  /** A checkpoint file. */
  readonly file: Uint8Array;
}

/**
 * What the browser has autosaved of the network at `address` that came into a picture last, of those that were trained.
 * @param page any page of that origin
 * @param change replaces the checkpoint file
 */
export async function autosaved(
  page: Page,
  address: string,
  change?: Uint8Array,
): Promise<Autosaved | undefined> {
  return (await allAutosaved(page, address, change)).at(-1);
}

/**
 * What the browser has autosaved of the pages at `address`, in the order in which their networks came into the picture.
 * @param change replaces the last checkpoint file
 */
export function allAutosaved(page: Page, address: string, change?: Uint8Array): Promise<Autosaved[]> {
  const exchange = async ({ name, change }: { name: string; change: Uint8Array | undefined }) => {
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await answer(indexedDB.open("mnist-webgpu-state-1", 1));
    try {
      const store = database.transaction("states", "readwrite").objectStore("states");
      const range = IDBKeyRange.bound(name, `${name} \uffff`);
      const [keys, entries] = await Promise.all([
        answer(store.getAllKeys(range)),
        answer(store.getAll(range)),
      ]);
      if (change) await answer(store.put({ ...entries.at(-1), checkpoint: change }, keys.at(-1)));
      return entries.map(({ record, checkpoint }) => ({ last: record.series.last, file: checkpoint }));
    } finally {
      database.close();
    }
  };
  return page.evaluate(exchange, { name: new URL(address).pathname, change });
}
