import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packedNames, useLoading } from "../helpers/loading.ts";
import { type Answer, answers } from "../helpers/mirror.ts";
import { fileNames, packed, standInFiles, writeStandIn } from "../helpers/stand-in.ts";

const at = useLoading();

const name = "t10k-images-idx3-ubyte";
const corrupt = Buffer.from(packed(name)).fill(0, 15, 25);

describe("the folder of downloads", () => {
  it("is mended where a file is damaged, with a notice", async () => {
    const source = await at.mirror();
    writeStandIn(at.folder, { [`${name}.gz`]: corrupt });
    expect((await at.load([source])).name).toBe("MNIST");
    expect(source.requests).toEqual([`/mnist/${name}.gz`]);
    expect(at.notices[0]).toMatch(
      /t10k-images-idx3-ubyte\.gz is not a whole gzip .+: downloading it again\.$/,
    );
    expect(readFileSync(join(at.folder, `${name}.gz`))).toEqual(packed(name));
    expect(at.kept()).toEqual(packedNames);
  });

  it("is mended where a file holds something else that is whole", async () => {
    writeStandIn(at.folder, { [`${name}.gz`]: standInFiles[name].map((byte) => byte ^ 1) });
    expect((await at.load([await at.mirror()])).name).toBe("MNIST");
    expect(at.notices[0]).toMatch(
      / is not the t10k-images.+ its SHA-256 sum differs: downloading it again\.$/,
    );
  });

  it("is mended where an unpacked file is damaged, which is then removed", async () => {
    writeStandIn(at.folder, { [`${name}.gz`]: null, [name]: standInFiles[name].subarray(1) });
    await at.load([await at.mirror()]);
    expect(at.notices[0]).toBe(`${join(at.folder, name)} holds 27 bytes, expected 28: downloading it again.`);
    expect(at.kept()).toEqual(packedNames);
  });

  it("is not mended where the other copy of a file is good", async () => {
    const source = await at.mirror();
    writeStandIn(at.folder, { [name]: standInFiles[name].subarray(1) });
    expect((await at.load([source])).name).toBe("MNIST");
    expect(source.requests).toEqual([]);
    expect(at.notices).toEqual([]);
  });

  it("stays as it is while a damaged file cannot be replaced, and that file is not used", async () => {
    writeStandIn(at.folder, { [`${name}.gz`]: corrupt });
    const dataset = await at.load([await at.mirror(answers.truncated)], { dataset: "auto" });
    expect(dataset.name).toBe("built-in digits");
    expect(readFileSync(join(at.folder, `${name}.gz`))).toEqual(corrupt);
    expect(at.kept()).toEqual(packedNames);
  });

  it("may hold a folder where a file should be", async () => {
    writeStandIn(at.folder, { [`${name}.gz`]: null });
    mkdirSync(join(at.folder, `${name}.gz`));
    expect((await at.load([await at.mirror()])).name).toBe("MNIST");
    expect(at.notices[0]).toMatch(/t10k-images-idx3-ubyte\.gz is a folder: downloading it again\.$/);
    expect(at.notices.at(-1)).toMatch(/^Cannot keep downloads in .+: used from memory this time\.$/);
    expect(at.kept()).toEqual(packedNames);
  });

  it("may be impossible to write to: the download is used all the same", async () => {
    const source = await at.mirror();
    writeFileSync(join(at.root, "cache"), "a file where a folder is needed");
    expect(await at.load([source])).toMatchObject({
      name: "MNIST",
      origin: `downloaded from ${source.host}`,
    });
    expect(at.notices).toEqual([
      `Downloading MNIST from ${source.host}.`,
      `Cannot keep downloads in ${at.folder} (file already exists): used from memory this time.`,
    ]);
  });

  it("is the next one where the first is impossible to write to, or everybody may", async () => {
    const source = await at.mirror();
    const [file, shared, good] = ["file", "shared", "good"].map((name) => join(at.root, name));
    writeFileSync(file, "a file where a folder is needed");
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    const caches = [file, shared, good];
    const dataset = await at.load([source], {}, { caches });
    expect(dataset.origin).toBe(join(good, "mnist"));
    expect(await at.load([await at.deadMirror()], {}, { caches })).toEqual(dataset);
    expect(readdirSync(shared)).toEqual([]);
    expect(at.notices).toEqual([`Downloading MNIST from ${source.host}.`]);
  });

  it("is cleared of what a killed process left long ago, and never uses it", async () => {
    const [old, young] = ["0a1b2c3d", "4e5f6a7b"].map((chance) => `.mnist-webgpu-${chance}.part`);
    const foreign = `.${name}.gz.backup`;
    writeStandIn(at.folder, { [`${name}.gz`]: null });
    for (const leftover of [old, young, foreign]) writeFileSync(join(at.folder, leftover), "half a file");
    const anHourAgo = Date.now() / 1000 - 3600;
    for (const leftover of [old, foreign]) utimesSync(join(at.folder, leftover), anHourAgo, anHourAgo);
    expect((await at.load([await at.mirror()])).name).toBe("MNIST");
    expect(at.kept()).toEqual([...packedNames, young, foreign].sort());
  });

  it("has nothing written to it while a file is incomplete", async () => {
    let asked = () => {};
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    const source = await at.mirror((...answer) => {
      answers.stalled(...answer);
      asked();
    });
    const loading = at.load([source], { dataset: "auto" });
    await arrived;
    expect(at.kept).toThrow("ENOENT");
    await source.close();
    expect((await loading).name).toBe("built-in digits");
    expect(at.kept).toThrow("ENOENT");
  });

  it("may be filled by several at once", async () => {
    const slow: Answer = (...answer) => void setTimeout(() => answers.right(...answer), Math.random() * 20);
    const source = await at.mirror(slow);
    const datasets = await Promise.all([1, 2, 3, 4].map(() => at.load([source])));
    for (const dataset of datasets) expect(dataset).toEqual(datasets[0]);
    expect(at.kept()).toEqual(packedNames);
    for (const file of fileNames) expect(readFileSync(join(at.folder, `${file}.gz`))).toEqual(packed(file));
  });
});
