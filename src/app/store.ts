import { UserError } from "../errors.ts";

/*
 * The browser's store for the state of training: IndexedDB, whose transactions replace an entry whole or not at all,
 * in every browser and in workers; files of the origin-private file system cannot be moved over others everywhere.
 */

/** One name a layout of the contents. */
const databaseName = "mnist-webgpu-state-1";
const storeName = "states";

/**
 * Stores `value` as the entry `key`, instead of the one there was.
 * @throws UserError if the browser cannot: the entry there was is then as it was
 */
export async function putEntry(key: string, value: unknown): Promise<void> {
  await transact("readwrite", (store) => store.put(value, key));
}

/**
 * Stores what `change` makes of the entry `key`; no other page changes it in between.
 * @throws UserError as `putEntry` does
 */
export async function updateEntry(key: string, change: (found: unknown) => unknown): Promise<void> {
  await transact("readwrite", (store) => {
    const found = store.get(key);
    found.onsuccess = () => store.put(change(found.result), key);
    return found;
  });
}

/**
 * The entry `key`, or undefined.
 * @throws UserError if the browser stores nothing
 */
export function entry(key: string): Promise<unknown> {
  return transact("readonly", (store) => store.get(key));
}

/**
 * The keys that are `name`, or `name` and a space and more, in their order.
 * @throws UserError if the browser stores nothing
 */
export function entryKeys(name: string): Promise<string[]> {
  const range = IDBKeyRange.bound(name, `${name} \uffff`);
  return transact("readonly", (store) => store.getAllKeys(range) as IDBRequest<string[]>);
}

/**
 * Forgets the entry `key`, if there is one.
 * @throws UserError if the browser stores nothing
 */
export async function deleteEntry(key: string): Promise<void> {
  await transact("readwrite", (store) => store.delete(key));
}

async function transact<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  try {
    const database = await openDatabase();
    try {
      const transaction = database.transaction(storeName, mode);
      const request = act(transaction.objectStore(storeName));
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      return request.result;
    } finally {
      database.close();
    }
  } catch (cause) {
    const { name, message } = cause as DOMException;
    const details = message && ` (${message.replace(/\.$/, "")})`;
    throw new UserError(`The browser's store failed: ${name}${details}.`, { cause });
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
