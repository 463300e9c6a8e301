import type { Dataset } from "./dataset.ts";
import { FileFault, gunzip, isGzip } from "./gzip.ts";
import { makeDataset, makeSplit, parseImages, parseLabels } from "./idx.ts";
import { transposedSplit } from "./transpose.ts";

/** One file of MNIST, or of a data set laid out as MNIST is. */
export interface MnistFile {
  /** The name of the unpacked file; mirrors carry it as `<name>.gz`. */
  readonly name: string;
  /** Size of the unpacked file. */
  readonly bytes: number;
  /** SHA-256 of the unpacked file, in hexadecimal. Packed files may differ from one mirror to another. */
  readonly sha256?: string;
  /** SHA-256 of the packed file, where that is what is published. */
  readonly packedSha256?: string;
}

/** The four files that make up MNIST, or a data set laid out as MNIST is. */
export interface Manifest {
  readonly trainImages: MnistFile;
  readonly trainLabels: MnistFile;
  readonly testImages: MnistFile;
  readonly testLabels: MnistFile;
}

/** MNIST itself. The SHA-256 sums were taken from files whose MD5 sums, as published, are those beside them. */
export const mnistManifest: Manifest = {
  // MD5 6bbc9ace898e44ae57da46a324031adb
  trainImages: {
    name: "train-images-idx3-ubyte",
    bytes: 47_040_016,
    sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  },
  // MD5 a25bea736e30d166cdddb491f175f624
  trainLabels: {
    name: "train-labels-idx1-ubyte",
    bytes: 60_008,
    sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  },
  // MD5 2646ac647ad5339dbf082846283269ea
  testImages: {
    name: "t10k-images-idx3-ubyte",
    bytes: 7_840_016,
    sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  },
  // MD5 27ae3e4e09519cfbb04c329615203637
  testLabels: {
    name: "t10k-labels-idx1-ubyte",
    bytes: 10_008,
    sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};

/** Where the ecosystem's loaders find MNIST: the buckets of CVDF (TensorFlow) and of PyTorch. */
export const mnistMirrors: readonly string[] = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

/** Whether `bytes`, unpacked, are those of `file`, of whose contents the sum must be known. */
export async function verify(file: MnistFile, bytes: Uint8Array): Promise<boolean> {
  return bytes.length === file.bytes && (await sha256Of(bytes)) === file.sha256;
}

/** The SHA-256 sum of `bytes`, in hexadecimal. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The unpacked bytes of `file` from what a mirror or a folder holds of it, packed or not. A file of which no sum is known
 * came in an archive that was checked: of it, the size and gzip's own check sum are.
 * @param name what to call the bytes in messages: a path or an address
 * @throws FileFault if they are damaged, or not the bytes of `file`
 */
export async function unpackVerified(file: MnistFile, bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const { sha256, packedSha256 } = file;
  const contents = await gunzip(bytes, name, { exactBytes: file.bytes });
  if (packedSha256 !== undefined && !isGzip(bytes))
    throw new FileFault(name, "is unpacked: its sum is known only packed", "Get the packed file.");
  const sum = packedSha256 ?? sha256;
  if (sum === undefined || (await sha256Of(packedSha256 ? bytes : contents)) === sum) return contents;
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
  readonly classNames?: readonly string[];
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
  return makeDataset({ name, origin, train, test, ...(classNames && { classNames }) });
}
