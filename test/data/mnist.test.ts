import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FileFault } from "../../src/data/file-fault.ts";
import { readMnist, unpackVerified, verify } from "../../src/data/mnist.ts";
import type { MnistFile } from "../../src/data/mnist-manifest.ts";
import { type NamedSet, namedSets } from "../../src/data/named-sets.ts";
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
      "a/b is not the t10k-labels-idx1-ubyte that was published: its SHA-256 sum differs. Get the file again.",
    );
    await expect(refusal(packed("train-labels-idx1-ubyte"))).rejects.toThrow("a/b holds more than 10 bytes");
    await expect(refusal(packed(fileNames[3]).subarray(0, 25))).rejects.toThrow(
      "a/b is not a whole gzip file",
    );
  });
});

describe("where no sum can be made, as in pages that come over an insecure connection", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("takes a file by its size and gzip's check sum, and calls none genuine", async () => {
    vi.stubGlobal("crypto", {});
    for (const file of files) {
      const bytes = packed(file.name as FileName);
      expect(await unpackVerified(file, bytes, "f")).toEqual(contentsOf(file));
      await expect(unpackVerified(file, bytes.subarray(0, -1), "f")).rejects.toThrow(FileFault);
      expect(await verify(file, contentsOf(file))).toBe(false);
    }
  });
});

describe("unpackVerified, where the sum is that of the packed file", () => {
  const { sha256: _, ...unsummed } = standIn.testLabels;
  const bytes = packed("t10k-labels-idx1-ubyte");
  const file = { ...unsummed, packedSha256: createHash("sha256").update(bytes).digest("hex") };

  it("accepts that very file", async () => {
    expect(await unpackVerified(file, bytes, "f")).toEqual(contentsOf(file));
  });

  it("refuses the same contents packed otherwise, or not at all: of these nothing is known", async () => {
    const otherwise = Buffer.from(bytes).fill(7, 4, 8);
    await expect(unpackVerified(file, otherwise, "f")).rejects.toThrow(
      "f is not the t10k-labels-idx1-ubyte that",
    );
    await expect(unpackVerified(file, contentsOf(file), "f")).rejects.toThrow(
      "f is unpacked: its sum is known only packed. Get the packed file.",
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

describe.each(Object.entries<NamedSet>(namedSets))(
  "the manifest of %s",
  (_, { manifest, mirrors, ...set }) => {
    it("has the sizes that its four shapes take, and a sum for each file, or for all", () => {
      for (const [images, labels] of [
        [manifest.trainImages, manifest.trainLabels],
        [manifest.testImages, manifest.testLabels],
      ]) {
        const count = labels.bytes - 8;
        expect(count % 10_000).toBe(0);
        expect(images.bytes).toBe(16 + count * 28 * 28);
        for (const file of [images, labels]) {
          const sums = set.archive ? [set.archive.sha256] : [file.sha256, file.packedSha256].filter(Boolean);
          expect(sums).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
        }
      }
      expect([10, undefined]).toContain(set.classNames?.length);
      for (const mirror of mirrors) expect(new URL(".", mirror).href).toBe(mirror);
    });
  },
);
