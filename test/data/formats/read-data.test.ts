import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/data/dataset.ts";
import { type DataSource, readData } from "../../../src/data/formats/read-data.ts";
import type { Manifest } from "../../../src/data/mnist-manifest.ts";
import { UserError } from "../../../src/errors.ts";
import { csvOf, filesOf, idxOf, npyOf, pngOf, type Sample, sample, zipOf } from "../../helpers/data-files.ts";

const train = sample(9);
const test = sample(6, { first: 2 });
const [trainIdx, testIdx] = [idxOf(train), idxOf(test)];
const packed = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

/** What `files` are read as, and what was remarked on. */
async function read(
  files: Readonly<Record<string, Uint8Array | string>>,
  { manifest, ...source }: Partial<DataSource> & { manifest?: Manifest } = {},
) {
  const notices: string[] = [];
  const dataset = await readData(
    { named: "--data given", name: "given", origin: "somewhere", files: filesOf(files), ...source },
    { notice: (line) => notices.push(line), ...(manifest && { manifest }) },
  );
  return { dataset, notices };
}

const refusal = (files: Readonly<Record<string, Uint8Array | string>>, source: Partial<DataSource> = {}) =>
  read(files, source).then(
    () => "read",
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      return (error as UserError).message;
    },
  );

const splitOf = ({ pixels, ...rest }: Sample) => ({ images: pixels, ...rest });

function expectBoth(dataset: Dataset): void {
  expect(dataset).toMatchObject({ classes: 3, origin: "somewhere" });
  expect(dataset.train).toEqual(splitOf(train));
  expect(dataset.test).toEqual(splitOf(test));
}

/** The four arrays under names that are made of these words. */
const named = (trainWord: string, testWord: string, images: string, labels: string) => ({
  [`${trainWord}${images}`]: trainIdx.images,
  [`${trainWord}${labels}`]: trainIdx.labels,
  [`${testWord}${images}`]: testIdx.images,
  [`${testWord}${labels}`]: testIdx.labels,
});

describe("IDX files", () => {
  it.each<[string, Record<string, Uint8Array>]>([
    ["as MNIST's own", named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte")],
    ["with a dot", named("train-", "t10k-", "images.idx3-ubyte", "labels.idx1-ubyte")],
    ["with dots before", named("v1.0-train-", "v1.0-t10k-", "images-idx3-ubyte", "labels-idx1-ubyte")],
    ["with dots before and behind", named("a.b.train_", "a.b.test_", "images_ubyte.bin", "labels.idx1.gz")],
    ["in upper case", named("TRAIN-", "T10K-", "IMAGES-IDX3-UBYTE", "LABELS-IDX1-UBYTE")],
    ["with test for t10k", named("train-", "test-", "images-idx3-ubyte", "labels-idx1-ubyte")],
    ["with underscores, and .bin", named("train_", "test_", "images.bin", "labels.bin")],
    ["in MNIST/raw", named("MNIST/raw/train-", "MNIST/raw/t10k-", "images-idx3-ubyte", "labels-idx1-ubyte")],
    ["in folders of halves", named("a/train/", "a/test/", "images-idx3-ubyte", "labels-idx1-ubyte")],
    [
      "with a prefix",
      named("emnist-digits-train-", "emnist-digits-test-", "images-idx3-ubyte", "labels-idx1-ubyte"),
    ],
    [
      "in folders of their own names",
      Object.fromEntries(
        Object.entries(named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte")).map(
          ([path, bytes]) => [`${path}/${path}`, bytes],
        ),
      ),
    ],
    [
      "in folders of their own names, as these were packed",
      Object.fromEntries(
        Object.entries(named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte")).map(
          ([path, bytes]) => [`${path.replace("-idx", ".idx")}.gz/${path}`, bytes],
        ),
      ),
    ],
    [
      "packed",
      Object.fromEntries(
        Object.entries(named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte")).map(
          ([path, bytes]) => [`${path}.gz`, packed(bytes)],
        ),
      ),
    ],
  ])("are found under names %s", async (_, files) => {
    const { dataset, notices } = await read({ "readme.txt": "", ".DS_Store": "", ...files });
    expectBoth(dataset);
    expect(notices).toEqual([]);
  });

  it("are read unpacked where there are both, and called what their names say", async () => {
    const files = named(
      "emnist-digits-train-",
      "emnist-digits-test-",
      "images-idx3-ubyte",
      "labels-idx1-ubyte",
    );
    const damaged = Object.fromEntries(Object.keys(files).map((path) => [`${path}.gz`, new Uint8Array(3)]));
    const { dataset } = await read({ ...damaged, ...files });
    expectBoth(dataset);
    expect(dataset.name).toBe("emnist-digits");
  });

  it("are the nearest ones; of several side by side a file of one must be named", async () => {
    const raw = (folder: string) =>
      named(`${folder}train-`, `${folder}t10k-`, "images-idx3-ubyte", "labels-idx1-ubyte");
    expectBoth((await read({ ...raw(""), ...raw("old/") })).dataset);
    expect(await refusal({ ...raw("MNIST/raw/"), ...raw("FashionMNIST/raw/") })).toMatch(
      /^--data given holds several data sets: MNIST\/raw, FashionMNIST\/raw\. Name the folder/,
    );
    const two = { ...raw("emnist-letters-"), ...raw("emnist-digits-") };
    expect(await refusal(two)).toContain("several data sets: emnist-digits, emnist-letters.");
    const { dataset } = await read(two, { chosen: "emnist-letters-train-labels-idx1-ubyte" });
    expect(dataset.name).toBe("emnist-letters");
  });

  it("are read as named where there are several copies", async () => {
    const files = named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte");
    const other = { ...train, pixels: train.pixels.map((byte) => 255 - byte) };
    for (const path of ["train-images-idx3-ubyte.gz", "train-images-2-idx3-ubyte"]) {
      const more = {
        ...files,
        [path]: path.endsWith("gz") ? packed(idxOf(other).images) : idxOf(other).images,
      };
      const { dataset } = await read(more, { chosen: path });
      expect(dataset.train).toEqual(splitOf(other));
      expect(dataset.test).toEqual(splitOf(test));
      expectBoth((await read(more)).dataset);
      expectBoth((await read(more, { chosen: "train-images-idx3-ubyte" })).dataset);
    }
  });

  it("that are left out for others are remarked on, but for copies", async () => {
    const files = named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte");
    const { notices } = await read({
      ...files,
      "train-images-idx3-ubyte.gz": packed(trainIdx.images),
      "train-images-idx3-ubyte/train-images.idx3-ubyte": trainIdx.images,
      "t10k-labels-old-idx1-ubyte": testIdx.labels,
      "t10k-labels-old2-idx1-ubyte": testIdx.labels,
    });
    expect(notices).toEqual([
      "Left out, since t10k-labels-idx1-ubyte is read: t10k-labels-old-idx1-ubyte and 1 more.",
    ]);
  });

  it("without what is needed to train are refused by what they are", async () => {
    const files = named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte");
    const { "train-labels-idx1-ubyte": _, ...rest } = files;
    expect(await refusal(rest)).toMatch(
      /^--data given: There are no training labels beside t10k-images-idx3-ubyte, .*\. Expected IDX files/,
    );
    const { "train-images-idx3-ubyte": __, ...less } = rest;
    expect(await refusal(less)).toMatch(/There are no training images and no training labels beside t10k-/);
  });

  it.each(["labels", "images"])(
    "without test %s are tested with training images, with a remark",
    async (what) => {
      const files = named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte");
      const rest = Object.fromEntries(
        Object.entries(files).filter(([path]) => !path.startsWith(`t10k-${what}`)),
      );
      const { dataset, notices } = await read(rest);
      expect([dataset.train.count, dataset.test.count]).toEqual([8, 1]);
      const there = Object.keys(rest).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
      expect(notices[0]).toBe(
        `There are no test ${what} beside ${there.join(", ")}. Instead, 1 of the 9 training images are set apart for the ` +
          "test, one in 7.",
      );
      const validation = named("val-", "val-", "images-idx3-ubyte", "labels-idx1-ubyte");
      const more = await read({ ...rest, ...validation });
      expect(more.dataset.test).toEqual(splitOf(test));
      expect(more.notices).toEqual([
        expect.stringMatching(
          `^There are no test ${what} beside .*\\. The validation data is there to test with\\.$`,
        ),
      ]);
    },
  );

  it("with little-endian sizes are read, with a remark", async () => {
    const files = named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte");
    const swapped = trainIdx.images.slice();
    for (const at of [4, 8, 12]) swapped.subarray(at, at + 4).reverse();
    const { dataset, notices } = await read({ ...files, "train-images-idx3-ubyte": swapped });
    expectBoth(dataset);
    expect(notices).toEqual(["given/train-images-idx3-ubyte: its sizes are little-endian, read as 9x3x3."]);
  });

  it("whose test images are of another size are tested with training images, with a remark", async () => {
    const other = idxOf(sample(6, { rows: 2 }));
    const files = { ...named("train-", "t10k-", "images-idx3-ubyte", "labels-idx1-ubyte") };
    const { dataset, notices } = await read({ ...files, "t10k-images-idx3-ubyte": other.images });
    expect([dataset.train.count, dataset.test.count]).toEqual([8, 1]);
    expect(notices[0]).toBe(
      "given/t10k-images-idx3-ubyte holds images of 2x3 pixels, given/train-images-idx3-ubyte of 3x3. Instead, 1 of " +
        "the 9 training images are set apart for the test, one in 7.",
    );
  });
});

describe("CSV files", () => {
  const [a, b] = [csvOf(train), csvOf(test)];
  it.each([
    [{ "mnist_train.csv": a, "mnist_test.csv": b }, "mnist (not the original)"],
    [{ "train.csv": a, "test.csv": b }, "given"],
    [
      {
        "archive/Train.CSV": a,
        "archive/Test.CSV": b,
        "archive/sample_submission.csv": "ImageId,Label\n1,2",
      },
      "given",
    ],
    [{ "emnist-digits-train.csv.gz": packed(Buffer.from(a)), "emnist-digits-test.csv": b }, "emnist-digits"],
  ])("are told apart by their names: %o", async (files, name) => {
    const { dataset } = await read(files as Record<string, string>);
    expectBoth(dataset);
    expect(dataset.name).toBe(name);
  });

  const unlabelled = csvOf(test).replace(/^\d+,/gm, "");
  it.each([
    ["alone", {}, "There are no test images."],
    [
      "with a test without labels",
      { "test.csv": unlabelled },
      "given/test.csv has no labels: all its columns are pixels.",
    ],
    [
      "with a test with identifiers",
      { "test.csv": csvOf(test, "id,p0,p1,p2,p3,p4,p5,p6,p7,p8") },
      'given/test.csv has no labels: its column that holds no pixels is called "id".',
    ],
    [
      "with a test whose header has another name than labels",
      {
        "train.csv": csvOf(train, "kind,p0,p1,p2,p3,p4,p5,p6,p7,p8"),
        "test.csv": csvOf(test, "place,p0,p1,p2,p3,p4,p5,p6,p7,p8"),
      },
      'given/test.csv has no labels: its column that holds no pixels is called "place".',
    ],
    ["with a test of nothing but a header", { "test.csv": "label\n" }, "given/test.csv holds no images."],
  ])("%s give up some of their images", async (_, more, fault) => {
    const { dataset, notices } = await read({ "train.csv": a, ...more });
    expect([dataset.train.count, dataset.test.count]).toEqual([8, 1]);
    expect(notices[0]).toBe(
      `${fault} Instead, 1 of the 9 training images are set apart for the test, one in 7.`,
    );
  });

  it("whose test has no labels are tested with validation data, if there is any", async () => {
    const { dataset, notices } = await read({ "train.csv": a, "test.csv": unlabelled, "val.csv": b });
    expectBoth(dataset);
    expect(notices).toEqual([
      "given/test.csv has no labels: all its columns are pixels. The validation data is there to test with.",
    ]);
  });

  it("of another name are all there is, and one can be named among others", async () => {
    const alone = await read({ "A_Z Handwritten Data.csv": csvOf(sample(70)) });
    expect([alone.dataset.train.count, alone.dataset.test.count]).toEqual([60, 10]);
    const chosen = await read(
      { "one.csv": csvOf(sample(14)), "two.csv": csvOf(sample(21)) },
      { chosen: "two.csv" },
    );
    expect([chosen.dataset.train.count, chosen.dataset.test.count]).toEqual([18, 3]);
  });

  it.each([
    ["train.csv", "train-sample.csv"],
    ["mnist_train.csv", "mnist_train_100.csv"],
    ["train.csv", "train.csv.gz"],
    ["train.csv", "digits.csv"],
  ])("are read as named: %s beside %s", async (path, other) => {
    const bytes = other.endsWith(".gz") ? packed(Buffer.from(csvOf(sample(14)))) : csvOf(sample(14));
    // In the order in which a folder has them.
    const files = { [other]: bytes, [path]: a };
    for (const chosen of [undefined, path]) {
      const { dataset, notices } = await read(files, chosen === undefined ? {} : { chosen });
      expect(dataset.train.count + dataset.test.count).toBe(9);
      const isOther = other.includes("sample") || other.includes("100");
      expect(notices.filter((line) => line.startsWith("Left"))).toEqual(
        isOther ? [`Left out, since ${path} is read: ${other}.`] : [],
      );
    }
    const { dataset } = await read(files, { chosen: other });
    expect(dataset.train.count + dataset.test.count).toBe(14);
  });

  it("are refused where there is nothing to train on", async () => {
    expect(await refusal({ "test.csv": b })).toContain("There are no training images beside test.csv.");
    expect(await refusal({ "train.csv": "label,pixel0\n" })).toContain("given/train.csv holds no images");
    expect(await refusal({ "train.csv": unlabelled })).toContain("given/train.csv has no labels");
  });
});

describe("archives", () => {
  const arrays = {
    "x_train.npy": npyOf("|u1", [9, 3, 3], train.pixels),
    "y_train.npy": npyOf("|u1", [9], train.labels),
    "x_test.npy": npyOf("|u1", [6, 3, 3], test.pixels),
    "y_test.npy": npyOf("|u1", [6], test.labels),
  };

  it.each([
    ["Keras's npz", { "mnist.npz": zipOf(arrays) }],
    ["an npz that is not packed", { "mnist.npz": zipOf(arrays, { stored: true }) }],
    ["arrays in a folder", arrays],
    [
      "an npz for each array",
      {
        "kmnist-train-imgs.npz": zipOf({ "arr_0.npy": arrays["x_train.npy"] }),
        "kmnist-train-labels.npz": zipOf({ "arr_0.npy": arrays["y_train.npy"] }),
        "kmnist-test-imgs.npz": zipOf({ "arr_0.npy": arrays["x_test.npy"] }),
        "kmnist-test-labels.npz": zipOf({ "arr_0.npy": arrays["y_test.npy"] }),
      },
    ],
    [
      "an npz with columns of labels",
      {
        "pneumonia.npz": zipOf({
          "train_images.npy": arrays["x_train.npy"],
          "train_labels.npy": npyOf("|u1", [9, 1], train.labels),
          "test_images.npy": arrays["x_test.npy"],
          "test_labels.npy": npyOf("|u1", [6, 1], test.labels),
        }),
      },
    ],
    [
      "a zip of a folder",
      { "archive.zip": zipOf({ "raw/": "", "raw/train.csv": csvOf(train), "raw/test.csv": csvOf(test) }) },
    ],
    [
      "a zip of packed IDX files",
      {
        "gzip.zip": zipOf({
          "gzip/train-images-idx3-ubyte.gz": packed(trainIdx.images),
          "gzip/train-labels-idx1-ubyte.gz": packed(trainIdx.labels),
          "gzip/t10k-images-idx3-ubyte.gz": packed(testIdx.images),
          "gzip/t10k-labels-idx1-ubyte.gz": packed(testIdx.labels),
        }),
      },
    ],
  ])("are read: %s", async (_, files) => {
    const { dataset, notices } = await read(files as Record<string, Uint8Array>);
    expectBoth(dataset);
    expect(notices).toEqual([]);
  });

  it("of an archive are all that its directory has, whatever number of files it says: some count only to 65,535", async () => {
    const archive = zipOf(arrays);
    const end = Buffer.from(archive.buffer, archive.byteOffset, archive.length).lastIndexOf("PK\x05\x06");
    archive[end + 10] = 1;
    expectBoth((await read({ "mnist.npz": archive })).dataset);
    archive[end + 10] = Object.keys(arrays).length + 1;
    expect(await refusal({ "mnist.npz": archive })).toContain("is not a whole zip archive");
  });

  it("whose test images have no labels are tested with training images", async () => {
    const { "y_test.npy": _, ...rest } = arrays;
    for (const files of [rest, { "mnist.npz": zipOf(rest) }]) {
      const { dataset, notices } = await read(files as Record<string, Uint8Array>);
      expect([dataset.train.count, dataset.test.count]).toEqual([8, 1]);
      expect(notices[0]).toMatch(/^There are no test labels beside x_test\.npy, .*\. Instead, 1 of the 9 /);
    }
  });

  it("without the arrays are refused with what they hold", async () => {
    const weights = zipOf({ "a.npy": arrays["x_train.npy"], "b.npy": "" });
    const fault =
      "given/weights.npz holds a.npy, b.npy. Expected x_train, y_train, x_test and y_test, as Keras names them.";
    expect(await refusal({ "weights.npz": weights }, { chosen: "weights.npz" })).toBe(fault);
    expect(await refusal({ "weights.npz": weights })).toContain(`found weights.npz: no data set. ${fault}`);
  });
});

describe("folders of pictures", () => {
  /** The pictures of a split, in folders of its classes' names. */
  const pictures = (split: Sample, folder: string, names: readonly string[]) =>
    Object.fromEntries(
      Array.from({ length: split.count }, (_, index) => [
        `${folder}${names[split.labels[index]]}/${index}.png`,
        pngOf(split, index),
      ]),
    );
  /** The images with their labels as texts, in no order. */
  const sorted = ({ images, labels, count, rows, columns }: Dataset["train"]) => {
    const size = rows * columns;
    return Array.from(
      { length: count },
      (_, index) => `${labels[index]}: ${images.subarray(index * size, (index + 1) * size)}`,
    ).sort();
  };

  it.each([
    [["0", "1", "2"], undefined],
    [
      ["ankle boot", "bag", "coat"],
      ["ankle boot", "bag", "coat"],
    ],
    [
      ["8", "9", "10"],
      ["8", "9", "10"],
    ],
  ])("named for classes %j", async (names, classNames) => {
    for (const [a, b] of [
      ["train/", "test/"],
      ["mnist_png/training/", "mnist_png/testing/"],
      ["train/", "val/"],
    ]) {
      const { dataset, notices } = await read({ ...pictures(train, a, names), ...pictures(test, b, names) });
      expect(dataset.classNames).toEqual(classNames);
      expect(sorted(dataset.train)).toEqual(sorted(splitOf(train)));
      expect(sorted(dataset.test)).toEqual(sorted(splitOf(test)));
      expect(notices).toEqual([]);
    }
  });

  it("of one level are split, the same way every time, and mixed", async () => {
    const many = sample(140, { classes: 2 });
    const files = pictures(many, "", ["cat", "dog"]);
    const { dataset, notices } = await read(files);
    expect([dataset.train.count, dataset.test.count]).toEqual([120, 20]);
    expect(sorted(dataset.train).concat(sorted(dataset.test)).sort()).toEqual(sorted(splitOf(many)));
    expect(new Set(dataset.train.labels.subarray(0, 20)).size).toBe(2);
    expect(notices[0]).toContain(
      "There are no test images. Instead, 20 of the 140 training images are set apart",
    );
    expect((await read(files)).dataset).toEqual(dataset);
  });

  it("of other formats among them are left out, with a remark", async () => {
    const files = pictures(train, "train/", ["a", "b", "c"]);
    const { dataset, notices } = await read({
      ...files,
      "train/a/x.JPG": "",
      "train/b/y.gif": "",
      "z.txt": "",
    });
    expect(dataset.train.count + dataset.test.count).toBe(9);
    expect(notices[0]).toBe("Left out, since only PNG pictures are read: train/a/x.JPG and 1 more.");
  });

  /** The pictures of a split, all in one folder. */
  const flat = (split: Sample, folder: string) => pictures(split, "", Array(3).fill(folder));

  it.each([
    ["beside the halves", flat(train, "unlabeled"), "unlabeled/0.png and 8 more"],
    ["in the folder of a half", { "test/x.png": pngOf(test, 0) }, "test/x.png"],
    ["in the folder of training pictures", flat(test, "train"), "train/0.png and 5 more"],
  ])("that are in no class are left out, with a remark: %s", async (_, more, which) => {
    const names = ["0", "1", "2"];
    const { dataset, notices } = await read({
      ...more,
      ...pictures(train, "train/", names),
      ...pictures(test, "test/", names),
    });
    expect(sorted(dataset.train)).toEqual(sorted(splitOf(train)));
    expect(sorted(dataset.test)).toEqual(sorted(splitOf(test)));
    expect(dataset.classNames).toBeUndefined();
    expect(notices).toEqual([
      `Left out, since they are in no class of the training or test pictures: ${which}.`,
    ]);
  });

  it("that lie deeper than those of the classes are left out, with a remark, be it all of a class", async () => {
    const names = ["0", "1", "2/more"];
    const { dataset, notices } = await read({
      ...pictures(train, "a/train/", names),
      ...pictures(test, "a/test/", names),
      "a/train/cover.png": pngOf(test, 0),
      "b/also/train/0/x.png": "",
      "above.png": "",
    });
    expect([dataset.train.count, dataset.test.count]).toEqual([6, 4]);
    expect(notices).toEqual([
      "Left out, since they are in no class of the training or test pictures: a/train/cover.png.",
      "Left out, since they lie deeper than the pictures of the classes: a/train/2/more/2.png and 4 more.",
    ]);
  });

  it("without classes are refused, and never taken for a class themselves", async () => {
    for (const [files, folder] of [
      [{ ...flat(train, "train"), ...flat(test, "test") }, "train"],
      [{ ...flat(train, "a/training"), ...flat(test, "a/val") }, "a/training"],
      [{ ...flat(train, "train"), ...flat(test, "unlabeled") }, "train"],
      [{ ...flat(train, "train"), ...pictures(test, "test/", ["0", "1", "2"]) }, "train"],
    ] as const)
      expect(await refusal(files)).toContain(
        `--data given: There are no folders of classes in ${folder}. Expected`,
      );
    const { dataset, notices } = await read({
      ...pictures(train, "", ["0", "1", "2"]),
      ...flat(test, "test"),
    });
    expect([dataset.train.count, dataset.test.count, dataset.classes]).toEqual([8, 1, 3]);
    expect(notices[0]).toContain("Left out");
    expect(notices[1]).toContain("There are no test images.");
  });

  it.each([
    [["boots", "trainers", "sandals"], []],
    [["hammers", "testing tools", "validators"], ["testing tools"]],
    [["bus", "car", "train"], ["train"]],
    [["bus", "Training", "tram"], ["Training"]],
  ])("of classes that are called as halves are: %j", async (names, remarked) => {
    const many = sample(21);
    const { dataset, notices } = await read(pictures(many, "", names));
    expect(dataset.train.count + dataset.test.count).toBe(21);
    expect(dataset.classNames).toHaveLength(3);
    expect(notices.filter((line) => !line.startsWith("There are no test images."))).toEqual(
      remarked.map((name) => `Taken for a class, as folders beside it are: ${name}.`),
    );
    const whole = await read({ ...pictures(train, "train/", names), ...pictures(test, "testSet/", names) });
    expect([whole.dataset.train.count, whole.dataset.test.count]).toEqual([9, 6]);
    expect(whole.notices).toEqual([]);
  });

  it("keep their classes apart in an archive, whatever the encoding of its names", async () => {
    // "mär", "mör" and "bär" in code page 437.
    const files = pictures(train, "./train/", ["m\x84r", "m\x94r", "b\x84r"]);
    const { dataset } = await read({ "a.zip": zipOf(files, { encoding: "latin1" }) });
    expect(dataset.classNames).toHaveLength(3);
  });

  it("that do not go together are refused, naming one", async () => {
    const odd = { ...pictures(train, "", ["a", "b", "c"]), "a/odd.png": pngOf(sample(1, { rows: 5 }), 0) };
    expect(await refusal(odd)).toMatch(
      /given\/\w\/\w+\.png has 3x[35] pixels, given\/\w\/\w+\.png has 3x[35]\. Expected/,
    );
    expect(await refusal({ ...odd, "a/odd.png": "no picture" })).toContain(
      "given/a/odd.png is not a readable PNG file: it does not start as a PNG does; convert it to PNG.",
    );
    expect(await refusal({ ...odd, "a/odd.png": "" })).toContain(
      "given/a/odd.png is not a readable PNG file: it is empty.",
    );
    expect(await refusal(pictures(train, "test/", ["a", "b", "c"]))).toContain("There is no folder train");
  });
});

describe("validation data", () => {
  const halves = ["train", "test", "val"].map((half) => [half, half === "train" ? train : test] as const);
  it.each<[string, Record<string, Uint8Array | string>, string, string]>([
    [
      "a table",
      Object.fromEntries(halves.map(([half, split]) => [`${half}.csv`, csvOf(split)])),
      "test.csv",
      "val.csv",
    ],
    [
      "arrays",
      Object.fromEntries(
        halves.flatMap(([half, { count, pixels, labels }]) => [
          [`x_${half}.npy`, npyOf("|u1", [count, 3, 3], pixels)],
          [`y_${half}.npy`, npyOf("|u1", [count], labels)],
        ]),
      ),
      "x_test.npy",
      "x_val.npy and 1 more",
    ],
    [
      "pictures",
      Object.fromEntries(halves.map(([half, split]) => [`${half}/a/1.png`, pngOf(split, 0)])),
      "test/a/1.png",
      "val/a/1.png",
    ],
  ])("beside test data is left out, with a remark: %s", async (_, files, taken, left) => {
    const { notices } = await read(files);
    expect(notices).toContain(`Left out, since ${taken} is there to test with: ${left}.`);
  });
});

describe("what only lies beside a data set", () => {
  const pictures = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [
      `png/train/${train.labels[index]}/${index}.png`,
      pngOf(train, index),
    ]),
  );
  const arrays = { "w.npy": npyOf("|u1", [9, 3, 3], train.pixels) };
  const table = "name,place\nada,1\n";
  it.each<[string, Record<string, Uint8Array | string>, Record<string, Uint8Array | string>]>([
    ["a table", { "metadata.csv": table }, pictures],
    ["tables", { "a.csv": table, "b.csv": csvOf(train) }, pictures],
    ["an archive", { "weights.npz": zipOf(arrays) }, pictures],
    ["an archive, and tables below", { "weights.npz": zipOf(arrays) }, { "a/train.csv": csvOf(train) }],
    ["an archive with an only table", { "weights.npz": zipOf(arrays) }, { "digits.csv": csvOf(train) }],
    ["an archive in a folder", { "a/weights.npz": zipOf(arrays) }, { "a/b/digits.csv": csvOf(train) }],
    ["a table above another", { "metadata.csv": table }, { "a/digits.csv": csvOf(train) }],
    ["a damaged file", { "x.csv.gz": packed(trainIdx.images).subarray(0, 30) }, { "a/b.csv": csvOf(train) }],
  ])("does not keep it from being read: %s", async (_, more, files) => {
    const { dataset } = await read({ ...more, ...files });
    expect([dataset.train.count, dataset.test.count, dataset.classes]).toEqual([8, 1, 3]);
    for (const chosen of Object.keys(more).filter((path) => path !== "b.csv"))
      expect(await refusal({ ...more, ...files }, { chosen })).toContain(`given/${chosen}`);
  });

  it("is told of where there is no other", async () => {
    const text = await refusal({ "w.npz": zipOf(arrays), "b.csv": table });
    expect(text).toContain("found b.csv, w.npz: no data set. given/w.npz holds w.npy.");
    expect(text).toContain("given/b.csv has 2 columns.");
    expect(await refusal({ "w.npz": zipOf(arrays), "b.csv": table, "test.csv": csvOf(test) })).toContain(
      "--data given: There are no training images beside test.csv. Expected IDX",
    );
  });
});

describe("several data sets", () => {
  it("in an archive are to be unpacked first", async () => {
    const zip = zipOf({ "a/train.csv": csvOf(train), "b/train.csv": csvOf(test) });
    for (const source of [{}, { chosen: "a.zip" }])
      expect(await refusal({ "a.zip": zip }, source)).toBe(
        "--data given holds several data sets: a, b. Unpack the archive, then name the folder of the one that you mean.",
      );
  });

  it("may be any number", async () => {
    const files = Object.fromEntries(Array.from({ length: 150_000 }, (_, index) => [`${index}/0/1.png`, ""]));
    expect(await refusal(files)).toContain(
      "--data given holds several data sets: 0, 1, 2, 3, 4, 5, 6, 7. Name",
    );
  });
});

describe("what is no data set", () => {
  it.each<[string, Record<string, string>, string]>([
    [
      "other files",
      { "b.txt": "", "a.doc": "", "sub/c.jpg": "" },
      "found a.doc, b.txt, sub/c.jpg: no data set. Expected IDX",
    ],
    ["nothing", {}, "--data given: there is nothing in it. Expected IDX files"],
    ["pictures without folders", { "1.png": "" }, "found 1.png: no data set."],
    [
      "a table of something else",
      { "a.csv": "name,age\nada,36\n", "b.txt": "" },
      "found a.csv, b.txt: no data set. given/a.csv has 2 columns. Expected",
    ],
    [
      "many files",
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}.jpg`, ""])),
      "found 0.jpg, 1.jpg, 10.jpg, 11.jpg, 12.jpg, 13.jpg and 24 more: no data set.",
    ],
  ])("is refused with what was found: %s", async (_, files, message) => {
    const text = await refusal(files);
    expect(text).toContain(message);
    expect(text).not.toContain("again");
  });
});

describe("the name MNIST", () => {
  const fileOf = (name: string, bytes: Uint8Array) => ({
    ...{ name, bytes: bytes.length },
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  const manifest: Manifest = {
    trainImages: fileOf("a", trainIdx.images),
    trainLabels: fileOf("b", trainIdx.labels),
    testImages: fileOf("c", testIdx.images),
    testLabels: fileOf("d", testIdx.labels),
  };

  it("is for MNIST's images alone, whatever their format", async () => {
    const files = { "train.csv": csvOf(train), "test.csv": csvOf(test) };
    expect((await read(files, { manifest })).dataset.name).toBe("MNIST");
    expect((await read(files, { name: "MNIST" })).dataset.name).toBe("MNIST (not the original)");
    const fewer = { ...files, "test.csv": csvOf(sample(5, { first: 2 })) };
    expect((await read(fewer, { manifest })).dataset.name).toBe("given");
  });
});
