import { element } from "./dom.ts";

/** Has the browser save `bytes` as a file of this name. */
export function saveFile(name: string, bytes: Uint8Array): void {
  const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  element("a", { href: address, download: name }).click();
  // The download begins after this task.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
