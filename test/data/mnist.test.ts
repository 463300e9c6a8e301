import { describe, expect, it } from "vitest";
import { FileFault } from "../../src/data/gzip.ts";
import { type MnistFile, mnistManifest, readMnist, unpackVerified, verify } from "../../src/data/mnist.ts";
import { UserError } from "../../src/errors.ts";
import { type FileName, fileNames, packed, standIn, standInFiles } from "../helpers/stand-in.ts";

const contentsOf = ({ name }: MnistFile) => standInFiles[name as FileName];
const files: readonly MnistFile[] = Object.values(standIn);

describe("verify", () => {
  it("accepts the right bytes and no others", async () => {
    for (const file of files) {
      const bytes = contentsOf(file);
      expect(await verify(file, bytes)).toBe(true);
      expect(await verify(file, bytes.subarray(1))).toBe(false);
      for (const position of [0, bytes.length - 1]) {
        expect(await verify(file, bytes.with(position, bytes[position] ^ 1) as Uint8Array)).toBe(false);
      }
    }
  });
});

describe("unpackVerified", () => {
  it("gives the contents of a packed file and of an unpacked one", async () => {
    for (const file of files) {
      expect(await unpackVerified(file, packed(file.name as FileName), "f")).toEqual(contentsOf(file));
      expect(await unpackVerified(file, contentsOf(file), "f")).toBe(contentsOf(file));
    }
  });

  it("refuses other contents, naming the file", async () => {
    const file = standIn.testLabels;
    const refusal = (bytes: Uint8Array) => unpackVerified(file, bytes, "a/b");
    await expect(refusal(contentsOf(file).with(9, 7))).rejects.toThrow(FileFault);
    await expect(refusal(contentsOf(file).with(9, 7))).rejects.toThrow(
      "a/b is not MNIST's t10k-labels-idx1-ubyte: its SHA-256 sum differs. Get the file again.",
    );
    await expect(refusal(packed("train-labels-idx1-ubyte"))).rejects.toThrow("a/b holds more than 10 bytes");
    await expect(refusal(packed(fileNames[3]).subarray(0, 25))).rejects.toThrow(
      "a/b is not a whole gzip file",
    );
  });
});

describe("readMnist", () => {
  it("asks for the four files and makes a data set of them", async () => {
    const asked: string[] = [];
    const read = async (file: MnistFile) => {
      asked.push(file.name);
      return { name: file.name, bytes: contentsOf(file) };
    };
    const dataset = await readMnist(read, { origin: "here", manifest: standIn });
    expect(asked).toEqual(fileNames);
    expect(dataset).toMatchObject({ name: "MNIST", origin: "here", classes: 3 });
    expect(dataset.train).toMatchObject({ count: 4, rows: 2, columns: 3 });
    expect(dataset.test).toMatchObject({ count: 2, rows: 2, columns: 3 });
    expect(dataset.train.images.buffer).toBe(standInFiles[fileNames[0]].buffer);
    expect((await readMnist(read, { name: "n", origin: "", manifest: standIn })).name).toBe("n");
  });

  it("uses the names that it is given in messages, and lets errors through", async () => {
    const read = async () => ({ name: "some/path", bytes: new Uint8Array(3) });
    await expect(readMnist(read, { origin: "o" })).rejects.toThrow(UserError);
    await expect(readMnist(read, { origin: "o" })).rejects.toThrow("some/path is no IDX file of images");
    const failing = () => Promise.reject(new RangeError("mine"));
    await expect(readMnist(failing, { origin: "o" })).rejects.toThrow(RangeError);
  });
});

describe("MNIST's manifest", () => {
  it("has the sizes that its four shapes take", () => {
    const shapes = { trainImages: [60_000, 28, 28], trainLabels: [60_000], testImages: [10_000, 28, 28] };
    for (const [key, shape] of Object.entries({ ...shapes, testLabels: [10_000] })) {
      const values = shape.reduce((product, size) => product * size, 1);
      const file = mnistManifest[key as keyof typeof mnistManifest];
      expect(file.bytes).toBe(4 + 4 * shape.length + values);
      expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(Object.values(mnistManifest).map(({ name }: MnistFile) => name)).toEqual(fileNames);
  });
});
