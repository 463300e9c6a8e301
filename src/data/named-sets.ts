import { type Manifest, mnistManifest, mnistMirrors } from "./mnist-manifest.ts";
import { type SetName, setTitles } from "./set-names.ts";

/** A data set that can be had by its name. */
export interface NamedSet {
  /** What every output calls it. */
  readonly title: string;
  readonly manifest: Manifest;
  /** Addresses of folders that hold its packed files, or its archive. */
  readonly mirrors: readonly string[];
  /** What the files come in, where mirrors have no single ones. */
  readonly archive?: Archive;
  /** What people call its classes, where that is not their numbers. */
  readonly classNames?: readonly string[];
  /** Whether its images are stored with rows and columns exchanged. */
  readonly transposed?: boolean;
}

/** A zip archive that holds packed files. */
export interface Archive {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the archive, in hexadecimal. */
  readonly sha256: string;
}

/** The four sums of packed files named as MNIST's, for as many images of 28x28. */
type PackedSums = Readonly<Record<keyof Manifest, string>>;

/** A manifest of files that have MNIST's names and sizes, but other contents. */
function likeMnist(sums: PackedSums): Manifest {
  const keys = Object.keys(mnistManifest) as (keyof Manifest)[];
  const files = keys.map((key) => {
    const { name, bytes } = mnistManifest[key];
    return [key, { name, bytes, packedSha256: sums[key] }];
  });
  return Object.fromEntries(files) as unknown as Manifest;
}

/**
 * The data sets that can be asked for by name. Sums are as published: of MNIST's contents, of the packed files of Fashion-MNIST and Kuzushiji-MNIST, of EMNIST's archive.
 */
export const namedSets = {
  mnist: { title: setTitles.mnist, manifest: mnistManifest, mirrors: mnistMirrors },
  /**
   * H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
   * 2017. Its README gives MD5 sums; these SHA-256 sums are those of PyTorch's `torchvision.prototype.datasets`.
   */
  "fashion-mnist": {
    title: setTitles["fashion-mnist"],
    manifest: likeMnist({
      trainImages: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      trainLabels: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      testImages: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      testLabels: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    }),
    mirrors: [
      "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    classNames: [
      ...["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"],
      ...["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
    ],
  },
  /** T. Clanuwat et al., "Deep Learning for Classical Japanese Literature", 2018. Sums as above. */
  kmnist: {
    title: setTitles.kmnist,
    manifest: likeMnist({
      trainImages: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
      trainLabels: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
      testImages: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
      testLabels: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
    }),
    mirrors: [
      "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
      "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
  },
  /**
   * G. Cohen et al., "EMNIST: an extension of MNIST to handwritten letters", 2017. The archive is NIST's; its sums, here
   * SHA-256 and 58c8d27c78d21e728a6bc7b3cc06412e as MD5, are those of Julia's MLDatasets and of torchvision.
   */
  "emnist-digits": {
    title: setTitles["emnist-digits"],
    manifest: {
      trainImages: { name: "emnist-digits-train-images-idx3-ubyte", bytes: 188_160_016 },
      trainLabels: { name: "emnist-digits-train-labels-idx1-ubyte", bytes: 240_008 },
      testImages: { name: "emnist-digits-test-images-idx3-ubyte", bytes: 31_360_016 },
      testLabels: { name: "emnist-digits-test-labels-idx1-ubyte", bytes: 40_008 },
    },
    mirrors: [
      "https://biometrics.nist.gov/cs_links/EMNIST/",
      "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
    ],
    archive: {
      name: "gzip.zip",
      bytes: 561_753_746,
      sha256: "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
    },
    transposed: true,
  },
} as const satisfies Readonly<Record<SetName, NamedSet>>;
