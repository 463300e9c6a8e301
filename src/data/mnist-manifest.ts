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
