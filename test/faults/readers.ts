import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { decode as decodeByFastPng, encode as encodePng } from "fast-png";
import { configFromQuery, queryOf } from "../../src/app/url.ts";
import { readRun } from "../../src/cli/runs/run-reader.ts";
import { parseCsv } from "../../src/data/formats/csv.ts";
import { parseNpy } from "../../src/data/formats/npy.ts";
import { readData } from "../../src/data/formats/read-data.ts";
import { gunzip } from "../../src/data/gzip.ts";
import { encodeImages, encodeLabels, parseImages, parseLabels } from "../../src/data/idx.ts";
import { decodePng } from "../../src/data/png.ts";
import { decodeAnyModel } from "../../src/model/any-model.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/model/checkpoint-file.ts";
import { initialise } from "../../src/model/initialise.ts";
import { encodeJsonModel } from "../../src/model/json-model.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { decodeSafetensors } from "../../src/model/safetensors.ts";
import { defaultConfig, isValid, parseSetting, settingNames } from "../../src/model/settings.ts";
import { decodeJpeg } from "../../src/node/jpeg.ts";
import { csvOf, filesOf, npyOf, sample, zipOf } from "../helpers/data-files.ts";

/** Something that reads what it is given, and what is right about it. */
export interface Reader {
  readonly name: string;
  /** Valid inputs, which are changed. */
  readonly samples: readonly Uint8Array[];
  /** Makes a changed input's check sums right again, so that changes behind them are reached. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
  /** All that it does with what was changed, if it never does the other. */
  readonly only?: "reads" | "refuses";
  /** What it read of the bytes; a UserError if it refuses them. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** What somebody else says of the same bytes: throws if that is something else. */
  readonly check?: (bytes: Uint8Array, found: unknown) => void;
}

/** A reader with the type of what it reads. */
const reader = <Found>(fields: {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  readonly repair?: Reader["repair"];
  readonly only?: Reader["only"];
  read(bytes: Uint8Array): Found | Promise<Found>;
  check?(bytes: Uint8Array, found: Found): void;
}): Reader => fields as Reader;

const utf8 = (text: string) => new TextEncoder().encode(text);
const asText = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function agree(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [found, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: read as ${a?.slice(0, 200)}, but it is ${b?.slice(0, 200)}`);
}

const digits = sample(5, { rows: 4, columns: 4 });
const parameters = initialise([9, 4, 3], "article", 1);
const metadata = new Map([["config", JSON.stringify(defaultConfig)]]);
const model = { parameters, metadata };

/** IDX by its description: a type, the number of dimensions, each of them in four bytes, the values. */
function idx(bytes: Uint8Array, dimensions: number): { readonly shape: number[]; readonly values: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: dimensions }, (_, at) => view.getUint32(4 + 4 * at));
  return { shape, values: [...bytes.subarray(4 + 4 * dimensions)] };
}

const chunksOf = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: { at: number; length: number }[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    found.push({ at, length });
    at += 12 + length;
  }
  return found;
};

const png = reader({
  name: "PNG",
  samples: [1, 2, 3, 4].map((channels) => {
    const data = Uint8Array.from({ length: 9 * 7 * channels }, (_, index) => (index * 37) % 256);
    return encodePng({ width: 9, height: 7, channels, depth: 8, data });
  }),
  read: (bytes) => decodePng(bytes, "a.png"),
  repair(bytes) {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    for (const { at, length } of chunksOf(copy))
      view.setUint32(at + 8 + length, crc32(copy.subarray(at + 4, at + 8 + length)));
    return copy;
  },
  check(bytes, { width, height, pixels }) {
    const [header] = chunksOf(bytes);
    const colour = bytes[header.at + 8 + 9];
    const depth = bytes[header.at + 8 + 8];
    // What says how to turn a picture, or what is transparent, is not this check's affair.
    if (colour !== 0 || depth !== 8 || /tRNS|eXIf/.test(Buffer.from(bytes).toString("latin1"))) return;
    let theirs: ReturnType<typeof decodeByFastPng>;
    try {
      theirs = decodeByFastPng(bytes);
    } catch {
      // It refuses more than it has to.
      return;
    }
    agree("PNG", [width, height], [theirs.width, theirs.height]);
    const shades = Array.from(pixels, (shade) => Math.round(shade * 255));
    agree("PNG", shades, [...theirs.data]);
  },
});

const gzip = reader({
  name: "gzip",
  samples: [
    gzipSync("some text, some text"),
    gzipSync(digits.pixels),
    Buffer.concat([gzipSync("a member"), gzipSync(""), gzipSync("and another")]),
  ],
  read: (bytes) => gunzip(bytes, "a.gz"),
  check(bytes, ours) {
    // What does not begin as gzip is no gzip file, and left as it is.
    const theirs = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    agree("gzip", [...ours], [...theirs]);
  },
});

const images = reader({
  name: "IDX images",
  samples: [encodeImages(digits), encodeImages(sample(1, { rows: 1, columns: 9 }))],
  read: (bytes) => parseImages(bytes, "images"),
  check(bytes, { count, rows, columns, pixels }) {
    agree("IDX", { shape: [count, rows, columns], values: [...pixels] }, idx(bytes, 3));
  },
});

const labels = reader({
  name: "IDX labels",
  samples: [encodeLabels(digits.labels)],
  read: (bytes) => parseLabels(bytes, "labels"),
  check(bytes, { labels }) {
    agree("IDX", { shape: [labels.length], values: [...labels] }, idx(bytes, 1));
  },
});

const csv = reader({
  name: "CSV",
  samples: [
    csvOf(digits),
    csvOf(digits, ["label", ...Array(16).keys()].join(",")),
    csvOf(digits, "", ";"),
  ].map(utf8),
  read: (bytes) => parseCsv(bytes, "a.csv"),
  check(bytes, { count, images, labels }) {
    const lines = asText(bytes)
      .split(/\r\n|\n|\r/)
      .filter((line) => line.trim() !== "");
    const separator = ["\t", ";"].find((letter) => lines[0].includes(letter)) ?? ",";
    const texts = lines.map((line) =>
      line.split(separator).map((cell) => cell.replace(/^[" ]+|[" ]+$/g, "")),
    );
    const [first] = texts;
    // One of its columns may have no name.
    const named = first.filter((cell) => cell !== "");
    const hasHeader =
      named.some((cell) => /^(labels?|class|target|digit|y)$/i.test(cell)) ||
      (named.length > 0 && named.every((cell) => Number.isNaN(Number(cell))));
    const body = texts.slice(hasHeader ? 1 : 0).map((cells) => cells.map(Number));
    agree("lines of CSV", count, body.length);
    const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
    // Whichever column the labels are in.
    agree("CSV", sum(images) + sum(labels ?? []), sum(body.flat()));
  },
});

const npy = reader({
  name: "npy",
  samples: [
    npyOf("|u1", [5, 4, 4], digits.pixels),
    npyOf("<i8", [3], new Uint8Array(24)),
    npyOf("<f4", [2, 2], new Uint8Array(16), "True"),
  ],
  read: (bytes) => parseNpy(bytes, "a.npy"),
});

const npz = reader({
  name: "npz",
  samples: [false, true].map((stored) => {
    const test = sample(3, { rows: 4, columns: 4 });
    const contents = {
      "x_train.npy": npyOf("|u1", [5, 4, 4], digits.pixels),
      "y_train.npy": npyOf("|u1", [5], digits.labels),
      "x_test.npy": npyOf("|u1", [3, 4, 4], test.pixels),
      "y_test.npy": npyOf("|u1", [3], test.labels),
    };
    return zipOf(contents, { stored });
  }),
  read: (bytes) =>
    readData(
      {
        named: "--data a.npz",
        name: "a",
        origin: "a.npz",
        files: filesOf({ "a.npz": bytes }),
        chosen: "a.npz",
      },
      { notice() {} },
    ),
});

const safetensors = reader({
  name: "safetensors",
  samples: [
    encodeModel(model),
    encodeModel({ parameters: initialise([9, 3], "zeros", 1), metadata: new Map() }),
  ],
  read: (bytes) => decodeSafetensors(bytes, "a.safetensors"),
  check(bytes, { tensors }) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = Number(view.getBigUint64(0, true));
    const header = JSON.parse(asText(bytes.subarray(8, 8 + length))) as Record<string, TensorHeader>;
    for (const [name, { shape, data }] of tensors) {
      const { dtype, data_offsets, shape: expected } = header[name];
      agree("shape", shape, expected);
      if (dtype !== "F32") continue;
      const values = Array.from(data, (_, at) =>
        view.getFloat32(8 + length + data_offsets[0] + 4 * at, true),
      );
      agree(name, [...data], values);
    }
  },
});

interface TensorHeader {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Numbers that are no weights never come out of a model file. */
const anyModel = reader({
  name: "models (safetensors, JSON)",
  samples: [encodeModel(model), utf8(encodeJsonModel(model, "relu"))],
  read: (bytes) => decodeAnyModel(bytes, "a.safetensors"),
  check(_, { parameters }) {
    for (const { inputs, outputs, weight, bias } of parameters) {
      agree("sizes", [weight.length, bias.length], [inputs * outputs, outputs]);
      if (![...weight, ...bias].every((value) => Number.isFinite(Math.fround(value))))
        throw new Error("a weight is no finite float32");
    }
  },
});

const checkpoint = reader({
  name: "checkpoints",
  samples: [
    encodeCheckpoint({
      networks: { parameters, finite: parameters, momentum: parameters },
      facts: {
        program: "mnist-webgpu 0.1.0",
        device: "a device",
        config: { epochs: 3, hidden: [4] },
        dataset: { name: "stripes", train: 12, test: 5, sha256: "0123" },
        step: 17,
        seconds: 0.5,
        sums: { steps: 2, samples: 11, loss: 0.25, correct: 4, learningRate: 0.1, seconds: 1 },
        selection: { best: { epoch: 2, loss: 0.25, accuracy: 0.75 }, since: 1 },
        lines: 5,
      },
    }),
  ],
  // A hash guards all of it.
  only: "refuses",
  read: (bytes) => decodeCheckpoint(bytes, "checkpoint.safetensors"),
});

const jpeg = reader({
  name: "JPEG",
  samples: ["gray", "gray-progressive"].map((name) =>
    Uint8Array.from(readFileSync(new URL(`../fixtures/jpeg/${name}.jpg`, import.meta.url))),
  ),
  read: (bytes) => decodeJpeg(bytes, "a.jpg"),
});

const description = {
  program: "mnist-webgpu 0.1.0",
  name: "a run",
  started: "2026-01-01T00:00:00.000Z",
  network: "9-4-3",
  device: "a device",
  dataset: { name: "a", origin: "b", train: 12, test: 5, rows: 3, columns: 3, classes: 3 },
  config: defaultConfig,
};
const epoch = { event: "epoch", epoch: 1, steps: 2, loss: 1, accuracy: 0.5, learningRate: 0.1, seconds: 1 };
const records = [
  { ...epoch, stepsPerSecond: 2 },
  { event: "end", reason: "finished", steps: 2, seconds: 1, test: { loss: 1, accuracy: 0.5 } },
];
const metricsText = records.map((record) => `${JSON.stringify(record)}\n`).join("");

const runFolders = new Map<string, Promise<string>>();

/** The folder of a run, one for each reader. */
function runFolder(name: string): Promise<string> {
  const made = runFolders.get(name) ?? makeRunFolder();
  runFolders.set(name, made);
  return made;
}

async function makeRunFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "faults-"));
  await writeFile(join(path, "config.json"), JSON.stringify(description));
  await writeFile(join(path, "metrics.jsonl"), metricsText);
  return path;
}

/** Takes away what readers left on the disk. */
export async function tidy(): Promise<void> {
  for (const path of runFolders.values()) await rm(await path, { recursive: true });
}

/** A run folder of which one file is changed. */
function runFile(name: string, file: "config.json" | "metrics.jsonl", text: string): Reader {
  return reader({
    name,
    // Lines of figures that are damaged are left out.
    ...(file === "metrics.jsonl" && { only: "reads" }),
    samples: [utf8(text)],
    async read(bytes) {
      const path = await runFolder(name);
      await writeFile(join(path, file), bytes);
      return readRun(path, () => {});
    },
    check(_, { description, steps }) {
      for (const setting of settingNames)
        if (!isValid(setting, description.config[setting])) throw new Error(`${setting} is not valid`);
      if (!Number.isSafeInteger(steps) || steps < 0) throw new Error(`${steps} steps`);
    },
  });
}

const url = reader({
  name: "links",
  samples: [
    { ...defaultConfig, hidden: [32, 16], epochs: 3 },
    { ...defaultConfig, learningRate: 0.5, rotation: 10 },
  ].map((config) => utf8(queryOf(config))),
  // A page opens whatever its address says, and says what it left out.
  only: "reads",
  read: (bytes) => configFromQuery(asText(bytes)),
  check(_, { config }) {
    for (const setting of settingNames)
      if (!isValid(setting, config[setting])) throw new Error(`${setting} is not valid`);
  },
});

const flags = reader({
  name: "settings as text",
  samples: settingNames.map((name) => utf8(`${name}=${defaultConfig[name]}`)),
  read(bytes) {
    const [name, ...rest] = asText(bytes).split("=");
    const setting = settingNames.find((known) => known === name) ?? "hidden";
    return { setting, value: parseSetting(setting, rest.join("=")) };
  },
  check(_, { setting, value }) {
    if (!isValid(setting, value)) throw new Error(`${setting} is ${value}`);
  },
});

export const readers: readonly Reader[] = [
  ...[images, labels, gzip, png, jpeg, csv, npy, npz],
  ...[safetensors, anyModel, checkpoint],
  runFile("config.json of a run", "config.json", JSON.stringify(description)),
  runFile("metrics.jsonl of a run", "metrics.jsonl", metricsText),
  ...[url, flags],
];
