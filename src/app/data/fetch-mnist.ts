import type { Dataset } from "../../data/dataset.ts";
import { FileFault } from "../../data/file-fault.ts";
import { readMnist, unpackVerified } from "../../data/mnist.ts";
import type { MnistFile } from "../../data/mnist-manifest.ts";
import { type NamedSet, namedSets } from "../../data/named-sets.ts";
import type { SetName } from "../../data/set-names.ts";
import { cacheBytes, cachedBytes, dropBytes } from "./cache.ts";
import { refused, request, unreachable } from "./request.ts";

/** The server does not have the data set beside the page. */
export class DataAbsentError extends FileFault {
  override name = "DataAbsentError";
}

/**
 * A data set from the four `.gz` files in the folder of its name on the server. Each is fetched once, checked by its
 * SHA-256 sum and cached by the browser; what comes from there is checked again.
 * @param base address of the folder of data sets, with a slash at its end
 * @param progress called with the share of all bytes that is there, 0 to 1
 * @throws DataAbsentError if the server does not have them; FileFault if they cannot be fetched or are not the set's
 */
export async function fetchSet(
  setName: SetName,
  base: string,
  progress: (share: number) => void,
): Promise<Dataset> {
  const set: NamedSet = namedSets[setName];
  const folder = new URL(`${setName}/`, base).href;
  const total = Object.values(set.manifest).reduce((sum, { bytes }: MnistFile) => sum + bytes, 0);
  let before = 0;
  const read = async (file: MnistFile) => {
    const address = new URL(`${file.name}.gz`, folder).href;
    const advance = (share: number) => progress((before + share * file.bytes) / total);
    const bytes = await readFile(file, address, setName, advance);
    before += file.bytes;
    return { name: address, bytes };
  };
  return readMnist(read, { ...set, name: set.title, origin: folder });
}

async function readFile(
  file: MnistFile,
  address: string,
  setName: SetName,
  progress: (share: number) => void,
): Promise<Uint8Array> {
  const cached = await cachedBytes(address);
  if (cached) {
    try {
      return await unpackVerified(file, cached, address);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      await dropBytes(address);
    }
  }
  const fetched = await fetchBytes(file, address, setName, progress);
  const contents = await unpackVerified(file, fetched, address);
  await cacheBytes(address, fetched);
  return contents;
}

async function fetchBytes(
  file: MnistFile,
  address: string,
  setName: SetName,
  progress: (share: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(address);
  // Servers that do not have a file and answer with the page instead are common: single-page fallbacks.
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  if (response.status === 404 || isPage)
    throw new DataAbsentError(
      address,
      "is not on this server",
      `Put the four packed files of ${namedSets[setName].title} into data/${setName} beside the page.`,
    );
  if (!response.ok || !response.body) throw refused(address, response);
  // A server that labels the file as gzip-encoded has the browser unpack it on its way.
  const unpacked = response.headers.has("content-encoding");
  const expected = unpacked ? file.bytes : Number(response.headers.get("content-length"));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      length += part.value.length;
      if (expected > 0) progress(Math.min(1, length / expected));
    }
  } catch (cause) {
    throw unreachable(address, cause);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
