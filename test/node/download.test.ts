import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/errors.ts";
import type { Timeouts } from "../../src/node/download.ts";
import { packedNames, useLoading } from "../helpers/loading.ts";
import { type Answer, answers } from "../helpers/mirror.ts";
import { fileNames, packed, standInFiles, writeStandIn } from "../helpers/stand-in.ts";

const at = useLoading();

describe("downloading", () => {
  it.each(["right", "chunked", "contentEncoding", "redirect"] as const)(
    "takes this answer: %s",
    async (way) => {
      const source = await at.mirror(answers[way]);
      const dataset = await at.load([source]);
      expect(dataset).toMatchObject({ name: "MNIST", origin: at.folder, classes: 3 });
      expect(dataset.train).toMatchObject({ count: 4, rows: 2, columns: 3 });
      expect([...dataset.train.images]).toEqual([...standInFiles["train-images-idx3-ubyte"].subarray(16)]);
      expect([...dataset.test.labels]).toEqual([1, 0]);
      expect(at.notices).toEqual([`Downloading MNIST from ${source.host}.`]);
    },
  );

  it("keeps what was sent, packed, and asks for nothing twice", async () => {
    const source = await at.mirror();
    const first = await at.load([source]);
    expect(at.kept()).toEqual(packedNames);
    expect(source.requests).toHaveLength(4);
    for (const name of fileNames) expect(readFileSync(join(at.folder, `${name}.gz`))).toEqual(packed(name));
    expect(await at.load([source])).toEqual(first);
    expect(source.requests).toHaveLength(4);
  });

  it.each(["unpacked", "contentEncoding"] as const)("keeps unpacked what comes unpacked: %s", async (way) => {
    const source = await at.mirror(answers[way]);
    await at.load([source]);
    expect(at.kept()).toEqual([...fileNames].sort());
    await at.load([source]);
    expect(source.requests).toHaveLength(4);
  });

  it("asks for the files as they are, so that none is unpacked on its way", async () => {
    const source = await at.mirror((response, name, request) => {
      const packs = /gzip|\*/.test(request.headers["accept-encoding"] ?? "*");
      answers[packs ? "contentEncoding" : "right"](response, name, request);
    });
    await at.load([source]);
    expect(at.kept()).toEqual(packedNames);
  });

  it("downloads only what is missing", async () => {
    const source = await at.mirror();
    writeStandIn(at.folder, { "t10k-images-idx3-ubyte.gz": null });
    await at.load([source]);
    expect(source.requests).toEqual(["/mnist/t10k-images-idx3-ubyte.gz"]);
  });

  it("needs no slash at the end of a mirror's address", async () => {
    const source = await at.mirror();
    await at.load([{ url: source.url.slice(0, -1) }]);
    expect(source.requests).toContain("/mnist/train-images-idx3-ubyte.gz");
  });

  it.each([
    ["right", "100% of 1 kB"],
    ["chunked", "1 kB"],
  ] as const)("draws a bar for every file on a terminal: %s", async (way, size) => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const source = await at.mirror(answers[way]);
    await at.load([source], {}, { terminal: terminal as unknown as NodeJS.WriteStream });
    const drawn = String(terminal.read());
    for (const name of packedNames) expect(drawn).toContain(name);
    expect(drawn).toContain(size);
    expect(drawn).not.toMatch(/undefined|NaN|\{/);
    expect(at.notices).toEqual([]);
  });
});

interface Failure {
  readonly way: keyof typeof answers;
  /** What the message says of it. */
  readonly reason: string | RegExp;
  /** Where the default would make the test slow. */
  readonly timeouts?: Partial<Timeouts>;
}

const failures: readonly Failure[] = [
  { way: "notFound", reason: "HTTP 404" },
  { way: "serverError", reason: "HTTP 500" },
  { way: "noContent", reason: "HTTP 204" },
  { way: "redirectLoop", reason: "redirect count exceeded" },
  { way: "webPage", reason: "its train-images-idx3-ubyte.gz holds 43 bytes, expected 40" },
  { way: "empty", reason: "its train-images-idx3-ubyte.gz holds 0 bytes, expected 40" },
  { way: "truncated", reason: "connection lost" },
  {
    way: "lengthTooSmall",
    reason: "its train-images-idx3-ubyte.gz is not a whole gzip file (it is cut short",
  },
  { way: "lengthTooLarge", reason: "connection lost" },
  { way: "silent", reason: "no answer within 1 s", timeouts: { answer: 1000 } },
  { way: "stalled", reason: "no more data within 1 s", timeouts: { stall: 1000 } },
  { way: "trickling", reason: "not complete after 1 s", timeouts: { total: 1000 } },
  { way: "endless", reason: "sent more than 65576 bytes" },
  { way: "corruptGzip", reason: "its train-images-idx3-ubyte.gz is not a whole gzip file (" },
  { way: "garbageAfterGzip", reason: "its train-images-idx3-ubyte.gz is not a whole gzip file (" },
  {
    way: "wrongBytes",
    reason: "is not the train-images-idx3-ubyte that was published: its SHA-256 sum differs",
  },
  { way: "otherFile", reason: "its train-images-idx3-ubyte.gz holds 10 bytes, expected 40" },
  { way: "reset", reason: "connection reset by peer" },
  { way: "noHttp", reason: /: .*HTTP/ },
];

const patience = { answer: 30_000, stall: 30_000, total: 30_000 };

describe("a mirror that fails", () => {
  it.each(failures)(
    "$way: the other one is used, also for the rest of the files",
    async ({ way, timeouts }) => {
      const [broken, good] = [await at.mirror(answers[way]), await at.mirror()];
      const dataset = await at.load([broken, good], {}, { timeouts: { ...patience, ...timeouts } });
      expect(dataset.name).toBe("MNIST");
      expect(at.kept()).toEqual(packedNames);
      expect(good.requests).toHaveLength(4);
      expect(new Set(broken.requests)).toEqual(new Set(["/mnist/train-images-idx3-ubyte.gz"]));
    },
  );

  it.each(failures)("$way: without another, nothing is kept and the message says why", async (failure) => {
    const broken = await at.mirror(answers[failure.way]);
    const timeouts = { ...patience, ...failure.timeouts };
    const error: unknown = await at.load([broken], {}, { timeouts }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message).toContain(`MNIST is not in ${at.own} and cannot be downloaded (${broken.host}: `);
    expect(message).toMatch(failure.reason);
    expect(message).toMatch(/\)\. Name a folder .+--data or MNIST_DIR, or .+ --dataset synthetic\.$/);
    expect(at.kept).toThrow("ENOENT");
  });

  it("may be none that listens, and one that does not exist", async () => {
    const dead = await at.deadMirror();
    await expect(at.load([dead, { url: "http://host.invalid/" }])).rejects.toThrow(
      `(${dead.host}: connection refused; host.invalid: `,
    );
  });

  it("leaves the files that were kept before", async () => {
    const breaks: Answer = (response, name, request) =>
      (name.startsWith("train") ? answers.right : answers.notFound)(response, name, request);
    await expect(at.load([await at.mirror(breaks)])).rejects.toThrow("HTTP 404");
    expect(at.kept()).toEqual(packedNames.filter((name) => name.startsWith("train")));
    await at.load([await at.mirror()]);
    expect(at.kept()).toEqual(packedNames);
  });

  it("cannot fill the memory with a file that unpacks to far more than it should", async () => {
    const bomb = gzipSync(new Uint8Array(60_000_000));
    const broken = await at.mirror((response) => response.end(bomb));
    await expect(at.load([broken])).rejects.toThrow(
      "its train-images-idx3-ubyte.gz holds more than 40 bytes",
    );
  });
});
