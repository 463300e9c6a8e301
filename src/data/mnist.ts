import type { Dataset } from "./dataset.ts";
import { FileFault } from "./file-fault.ts";
import { gunzip, isGzip } from "./gzip.ts";
import { makeDataset, makeSplit, parseImages, parseLabels } from "./idx.ts";
import { type Manifest, type MnistFile, mnistManifest } from "./mnist-manifest.ts";
import { transposedSplit } from "./transpose.ts";

/** Browsers have no sums for pages that did not come over a secure connection. */
const canSum = () => crypto.subtle !== undefined;

/** Whether `bytes`, unpacked, are those of `file`, of whose contents the sum must be known; no where none can be made. */
export async function verify(file: MnistFile, bytes: Uint8Array): Promise<boolean> {
  return bytes.length === file.bytes && canSum() && (await sha256Of(bytes)) === file.sha256;
}

/** The SHA-256 sum of `bytes`, in hexadecimal. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The unpacked bytes of `file` from what a mirror or a folder holds of it, packed or not. A file of which no sum is known
 * came in an archive that was checked: of it, the size and gzip's own check sum are, as of all files where no sum can be made.
 * @param name what to call the bytes in messages: a path or an address
 * @throws FileFault if they are damaged, or not the bytes of `file`
 */
export async function unpackVerified(file: MnistFile, bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const { sha256, packedSha256 } = file;
  const contents = await gunzip(bytes, name, { exactBytes: file.bytes });
  if (packedSha256 !== undefined && !isGzip(bytes))
    throw new FileFault(name, "is unpacked: its sum is known only packed", "Get the packed file.");
  const sum = packedSha256 ?? sha256;
  if (sum === undefined || !canSum() || (await sha256Of(packedSha256 ? bytes : contents)) === sum)
    return contents;
  throw new FileFault(name, `is not the ${file.name} that was published: its SHA-256 sum differs`);
}

/** Unpacked bytes and what messages call them: a path or an address. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Which files make the data set, and what it is called. */
export interface MnistDetails {
  /** `MNIST` unless given: what every output calls the data set. */
  readonly name?: string;
  /** Where the bytes come from, in words. */
  readonly origin: string;
  /** MNIST's own files unless given. */
  readonly manifest?: Manifest;
  /** What people call its classes. */
  readonly classNames?: readonly string[] | undefined;
  /** Whether its images are stored with rows and columns exchanged; the data set has them upright. */
  readonly transposed?: boolean;
}

/**
 * Makes a data set from four files, which `read` is asked for one after the other.
 * @param read gives the unpacked bytes of a file; it decides whether they must be MNIST's own (`unpackVerified`)
 * @throws UserError if the files are not IDX files or do not fit together, and whatever `read` throws
 */
export async function readMnist(
  read: (file: MnistFile) => Promise<NamedBytes>,
  { name = "MNIST", origin, manifest = mnistManifest, classNames, transposed }: MnistDetails,
): Promise<Dataset> {
  const readSplit = async (imageFile: MnistFile, labelFile: MnistFile) => {
    const images = await read(imageFile);
    const labels = await read(labelFile);
    const split = makeSplit(parseImages(images.bytes, images.name), parseLabels(labels.bytes, labels.name));
    return transposed ? transposedSplit(split) : split;
  };
  const train = await readSplit(manifest.trainImages, manifest.trainLabels);
  const test = await readSplit(manifest.testImages, manifest.testLabels);
  return makeDataset({ name, origin, train, test, classNames });
}
