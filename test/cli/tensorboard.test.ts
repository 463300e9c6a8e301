import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { EpochRecord } from "../../src/cli/runs/records.ts";
import { TensorBoardLog } from "../../src/cli/tensorboard/tensorboard.ts";
import { weightsPicture } from "../../src/cli/tensorboard/weights-picture.ts";
import { UserError } from "../../src/errors.ts";
import { initialise } from "../../src/model/initialise.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { StepsEvent } from "../../src/training/events.ts";
import { initialSnapshot } from "../../src/training/snapshot.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
import { bitwiseCrc32c, type ReadEvent, readEvents } from "../helpers/event-file.ts";
import { split } from "./report-fixture.ts";

/** What the files in a folder say, in the order of their names. */
async function readFolder(folder: string): Promise<ReadEvent[][]> {
  const names = (await readdir(folder)).sort();
  for (const name of names) expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\.mnist-webgpu\.\d+$/);
  return Promise.all(names.map(async (name) => readEvents(await readFile(join(folder, name)))));
}

/** `[step, value]` of a scalar. */
function curve(events: readonly ReadEvent[], tag: string): [number, number][] {
  return events.flatMap(({ step, scalars }): [number, number][] =>
    tag in scalars ? [[step, scalars[tag]!]] : [],
  );
}

it("the reader's checksum is CRC-32C", () => {
  // The check value of the catalogue of CRC algorithms, and RFC 3720, B.4: 32 bytes of zeros.
  expect(bitwiseCrc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(bitwiseCrc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

describe("train --tensorboard", () => {
  const cli = setUpCli();

  it("writes what metrics.jsonl has, and more, into the run folder", async () => {
    const data = await cli.data();
    const flags = ["--tensorboard", "--out=run", "--epochs=4", "--batch-size=8", "--evaluate-every=2"];
    const { code, stderr } = await cli.run("train", ...data, ...flags);
    expect([code, stderr]).toEqual([0, ""]);
    const metrics = jsonLines(await readFile(cli.path("run/metrics.jsonl"), "utf8"));
    const epochs = metrics.slice(0, 4) as unknown as EpochRecord[];
    const [events, ...others] = await readFolder(cli.path("run/tensorboard"));
    expect(others).toEqual([]);
    expect(events![0]).toMatchObject({ step: 0, fileVersion: "brain.Event:2", scalars: {} });
    for (const figure of ["loss", "accuracy"] as const) {
      expect(curve(events!, `${figure}/training`)).toEqual(
        epochs.map((record) => [record.steps, Math.fround(record[figure])]),
      );
      expect(curve(events!, `${figure}/test`)).toEqual(
        [epochs[1]!, epochs[3]!].map(({ steps, test }) => [steps, Math.fround(test![figure])]),
      );
      // 12 steps an epoch: every step is a point.
      expect(curve(events!, `${figure}/steps`).map(([step]) => step)).toEqual(
        Array.from({ length: 48 }, (_, index) => index + 1),
      );
    }
    expect(new Set(curve(events!, "learning_rate").map(([, value]) => value))).toEqual(
      new Set([Math.fround(0.1)]),
    );
    const losses = curve(events!, "loss/steps").map(([, value]) => value);
    const mean = losses.slice(0, 12).reduce((sum, loss) => sum + loss) / 12;
    expect(mean).toBeCloseTo(epochs[0]!.loss, 5);

    const images = events!.flatMap((event) => event.images);
    expect(images).toHaveLength(4);
    // Ten units in rows of four, 6x6 pixels each, with a line between them.
    for (const { tag, width, height, colorspace, png } of images) {
      expect([tag, width, height, colorspace]).toEqual(["weights/first_layer", 27, 20, 3]);
      expect(decode(png)).toMatchObject({ width: 27, height: 20, channels: 3 });
    }
    const now = Date.now() / 1000;
    for (const { wallTime } of events!) expect(now - wallTime).toBeLessThan(60);
  });

  it("writes nothing for TensorBoard unless asked", async () => {
    const data = await cli.data();
    await cli.run("train", ...data, "--out=run", "--epochs=1");
    expect((await cli.files()).filter((file) => file.includes("tensorboard"))).toEqual([]);
  });

  it("adds the final test figures of a run that was not evaluated on its way", async () => {
    const data = await cli.data();
    await cli.run("train", ...data, "--out=run", "--epochs=2", "--tensorboard");
    const [end] = jsonLines(await readFile(cli.path("run/metrics.jsonl"), "utf8")).slice(-1);
    const [events] = await readFolder(cli.path("run/tensorboard"));
    const { loss } = end!.test as { loss: number };
    expect(curve(events!, "loss/test")).toEqual([[4, Math.fround(loss)]]);
  });
});

describe("train --resume --tensorboard", () => {
  const cli = setUpCli();

  it("goes on in a new file in the same folder, with what an uninterrupted run writes", async () => {
    const data = await cli.data();
    const flags = ["--batch-size=7", "--schedule=cosine", "--validation=20", "--evaluate-every=2"];
    const train = ["train", ...data, "--tensorboard", "--checkpoint-every=1"];
    const begin = [...train, "--backend=cpu", "--epochs=150", ...flags];
    await cli.run(...begin, "--out=straight");
    const run = cli.startHalting('"epoch":1,', {}, ...begin, "--out=run", "--json");
    await run.halted;
    run.process.kill("SIGINT");
    run.goOn();
    expect((await run.result).code).toBe(130);
    expect((await cli.run(...train, "--resume=run")).code).toBe(0);
    const [straight] = await readFolder(cli.path("straight/tensorboard"));
    const files = await readFolder(cli.path("run/tensorboard"));
    expect(files).toHaveLength(2);
    const going = files[1]!.find(({ session }) => session !== undefined)!.step;
    for (const tag of [
      "loss/training",
      "loss/validation",
      "accuracy/validation",
      "loss/steps",
      "learning_rate",
    ]) {
      // What the first file has from that step on is taken back.
      const before = curve(files[0]!, tag).filter(([step]) => step < going);
      const points = [...before, ...curve(files[1]!, tag)];
      expect(points, tag).toEqual(curve(straight!, tag));
    }
    expect(curve(straight!, "loss/validation").map(([step]) => step)).toEqual(
      Array.from({ length: 75 }, (_, index) => 22 * (index + 1)),
    );
    expect(new Set(curve(straight!, "learning_rate").map(([, rate]) => rate)).size).toBeGreaterThan(66);
    expect(curve(straight!, "loss/test").map(([step]) => step)).toEqual([1650]);
  });
});

describe("a TensorBoard log", () => {
  let folder: string;
  let notices: string[];
  const told = (line: string) => notices.push(line);
  beforeEach(async () => {
    notices = [];
    folder = await mkdtemp(join(tmpdir(), "tensorboard-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const weights = initialise([35, 2, 3], "zeros", 0);
  const trainer = (step = 0, config: Partial<Config> = {}) =>
    createTrainer({
      config: { ...defaultConfig, backend: "cpu", hidden: [2], batchSize: 1, epochs: 3, ...config },
      dataset: {
        ...{ name: "stripes", origin: "made here", classes: 3 },
        train: split(60, 3, 0),
        test: split(6, 3, 1),
      },
      snapshot: { ...initialSnapshot(weights), step },
    });

  /** Steps with learning rates of a hundredth of their number. */
  const steps = (firstStep: number, loss: number[], sizes = loss.map(() => 1)): StepsEvent => ({
    type: "steps",
    epoch: 1,
    firstStep,
    loss: Float64Array.from(loss),
    correct: Uint32Array.from(loss, () => 1),
    sizes: Uint32Array.from(sizes),
    learningRate: (firstStep + loss.length - 1) / 100,
    learningRates: Float64Array.from(loss, (_, index) => (firstStep + index) / 100),
    stepsPerSecond: 1,
  });

  it("has the same points however steps come in, means by the size of each step", async () => {
    // 60 steps an epoch: a point every 3.
    const log = await TensorBoardLog.begin(folder, await trainer(), told);
    log.handle(steps(1, [1]));
    log.handle(steps(2, [2, 3, 4, 5, 6, 9]));
    log.handle(steps(8, [1], [3]));
    log.stop();
    const [events] = await readFolder(join(folder, "tensorboard"));
    expect(curve(events!, "loss/steps")).toEqual([
      [3, 2],
      [6, 5],
      [8, 3],
    ]);
    expect(curve(events!, "accuracy/steps")).toEqual([
      [3, 1],
      [6, 1],
      [8, 0.5],
    ]);
    expect(curve(events!, "learning_rate")).toEqual([3, 6, 8].map((step) => [step, Math.fround(step / 100)]));
  });

  it("goes on in another file when training does, and takes back what comes after", async () => {
    const first = await TensorBoardLog.begin(folder, await trainer(), told);
    first.handle(steps(1, [1, 1, 1, 2, 2, 2]));
    const second = await TensorBoardLog.begin(folder, await trainer(3), told);
    second.handle(steps(4, [3, 3, 3]));
    const [before, after, ...others] = await readFolder(join(folder, "tensorboard"));
    expect(others).toEqual([]);
    expect(curve(before!, "loss/steps").map(([step]) => step)).toEqual([3, 6]);
    expect(before!.some(({ session }) => session !== undefined)).toBe(false);
    expect(after!.map(({ fileVersion, session, step }) => [fileVersion, session, step])).toEqual([
      ["brain.Event:2", undefined, 0],
      [undefined, 1, 4],
      [undefined, undefined, 6],
    ]);
    expect(after![1]!.wallTime).toBeGreaterThanOrEqual(before!.at(-1)!.wallTime);
  });

  it("goes on in a file that is read after the others, though the clock was set back or they are of one second", async () => {
    const clock = vi.spyOn(Date, "now");
    onTestFinished(() => clock.mockRestore());
    for (const [going, now] of [2e12, 1e12, 1e12, 2e12, 3e12].entries()) {
      clock.mockReturnValue(now);
      const log = await TensorBoardLog.begin(folder, await trainer(3 * going), told);
      log.handle(steps(3 * going + 1, [1, 1, 1]));
    }
    const files = await readFolder(join(folder, "tensorboard"));
    expect(files.map((events) => curve(events, "loss/steps"))).toEqual(
      [3, 6, 9, 12, 15].map((step) => [[step, 1]]),
    );
  });

  it("draws at most about fifty pictures, the last epoch's among them", async () => {
    const long = await trainer(0, { epochs: 230, batchSize: 60 });
    const log = await TensorBoardLog.begin(folder, long, told);
    await long.run({ onEvent: (event) => log.handle(event) });
    const test = { loss: 1, accuracy: 0.5 };
    const end = {
      event: "end",
      reason: "finished",
      steps: 230,
      seconds: 1,
      network: "",
      dataset: "",
    } as const;
    await log.end({ ...end, test, folder });
    const [events] = await readFolder(join(folder, "tensorboard"));
    const at = events!.flatMap(({ step, images }) => images.map(() => step));
    expect(at).toHaveLength(46);
    expect(at.at(-1)).toBe(230);
    expect(curve(events!, "accuracy/test")).toEqual([[230, 0.5]]);
  });

  it("that cannot be written says so", async () => {
    await writeFile(join(folder, "tensorboard"), "in the way");
    const some = await trainer();
    const refused = await TensorBoardLog.begin(folder, some, told).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect((refused as UserError).message).toMatch(/tensorboard.* cannot be written \(/);
  });

  it("that cannot be written any more says so once, and lets training go on", async () => {
    const log = await TensorBoardLog.begin(folder, await trainer(), told);
    await rm(join(folder, "tensorboard"), { recursive: true });
    for (const step of [1, 4, 7]) log.handle(steps(step, [1, 1, 1]));
    expect(notices).toEqual([
      expect.stringMatching(/tfevents.* cannot be written .* shows no more of this run/),
    ]);
  });
});

describe("the picture of weights", () => {
  it("is white at zero, in two colours beside it, and drawn unit by unit", () => {
    const weight = Float32Array.of(0, 1, -1, 0, 0, 0);
    const { png, width, height } = weightsPicture(
      { inputs: 2, outputs: 3, weight, bias: new Float32Array(3) },
      { rows: 1, columns: 2 },
    );
    expect([width, height]).toEqual([5, 3]);
    const { data } = decode(png);
    const pixel = (row: number, column: number) => [...data.slice(3 * (5 * row + column)).slice(0, 3)];
    const [positive, negative] = [pixel(0, 1), pixel(0, 3)];
    const white = [255, 255, 255];
    expect(positive[0]).toBeGreaterThan(positive[2]!);
    expect(negative[2]).toBeGreaterThan(negative[0]!);
    for (const [row, column] of [[0, 0], [0, 2], [0, 4], [1, 1], [2, 0], [2, 1], [2, 4]]) // biome-ignore format: one line
      expect(pixel(row!, column!)).toEqual(white);
  });

  it("of many units shows the first hundred", () => {
    const layer = { inputs: 4, outputs: 300, weight: new Float32Array(1200), bias: new Float32Array(300) };
    expect(weightsPicture(layer, { rows: 2, columns: 2 })).toMatchObject({ width: 29, height: 29 });
  });
});
