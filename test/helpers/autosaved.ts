import type { Page } from "@playwright/test";

/** What a browser keeps of a page's last training. */
export interface Autosaved {
  /** The last step. */
  readonly last: number;
  /** A checkpoint file. */
  readonly file: Uint8Array;
}

/**
 * What the browser has autosaved of the page at `address`.
 * @param page any page of that origin
 * @param change replaces the checkpoint file
 */
export function autosaved(page: Page, address: string, change?: Uint8Array): Promise<Autosaved | undefined> {
  const exchange = async ({ key, change }: { key: string; change: Uint8Array | undefined }) => {
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await answer(indexedDB.open("mnist-webgpu-state-1", 1));
    try {
      const store = database.transaction("states", "readwrite").objectStore("states");
      const entry = await answer(store.get(key));
      if (change) await answer(store.put({ ...entry, checkpoint: change }, key));
      return entry && { last: entry.record.series.last, file: entry.checkpoint };
    } finally {
      database.close();
    }
  };
  return page.evaluate(exchange, { key: new URL(address).pathname, change });
}
