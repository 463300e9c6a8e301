/** The browser's store for files that were fetched once; one name a layout of its contents. */
const storeName = "mnist-webgpu-data-1";

/** The bytes cached for an address, or undefined. A browser that stores nothing (private, insecure, full) has none. */
export async function cachedBytes(address: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const response = await (await caches.open(storeName)).match(address);
    return response && new Uint8Array(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Keeps bytes for the next visit, if the browser will. */
export async function cacheBytes(address: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await (await caches.open(storeName)).put(address, new Response(bytes));
  } catch {
    // They are fetched again next time: nothing that the person at the page need know.
  }
}

/** Forgets what is cached for an address. */
export async function dropBytes(address: string): Promise<void> {
  try {
    await (await caches.open(storeName)).delete(address);
  } catch {
    // There was nothing to forget.
  }
}
