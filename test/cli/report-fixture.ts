import { parseHTML } from "linkedom";
import { makeReport } from "../../src/cli/report/report.ts";
import type { TrainedRun } from "../../src/cli/report/report-data.ts";
import { EpochLog, figuresOf } from "../../src/cli/runs/records.ts";
import type { Dataset, Split } from "../../src/data/dataset.ts";
import { randomStream } from "../../src/data/random.ts";
import { networkName } from "../../src/model/parameters.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";

/*
 * A small run on images of 5 x 7 pixels, and the report on it.
 */

export const rows = 5;
export const columns = 7;

/** Noise with a bright column that tells the class. */
export function split(count: number, classes: number, index: number): Split {
  const random = randomStream(3, "digits", index);
  const labels = Uint8Array.from({ length: count }, (_, image) => image % classes);
  const images = Uint8Array.from({ length: count * rows * columns }, (_, position) => {
    const label = labels[Math.floor(position / (rows * columns))];
    return (position % columns === label % columns ? 150 : 0) + random.integer(100);
  });
  return { images, labels, count, rows, columns };
}

interface Case {
  readonly config?: Partial<Config>;
  readonly classes?: number;
  /** Facts that differ from those of the training run. */
  readonly change?: (facts: TrainedRun) => Partial<TrainedRun>;
}

/** Trains a small network, and reports on it. */
export async function report({ config, classes = 3, change = () => ({}) }: Case = {}) {
  const dataset: Dataset = {
    name: "stripes",
    origin: "made here",
    classes,
    train: split(4 * classes, classes, 0),
    test: split(20 * classes, classes, 1),
  };
  const settings: Config = {
    ...{ ...defaultConfig, backend: "cpu", hidden: [4], epochs: 3, batchSize: 4, learningRate: 1 },
    ...config,
  };
  const trainer = await createTrainer({ config: settings, dataset });
  const log = new EpochLog(trainer, () => {});
  await trainer.run({ onEvent: (event) => log.handle(event) });
  log.stop();
  const evaluation = await trainer.evaluate();
  const network = networkName(trainer.engine.sizes);
  const trained: TrainedRun = {
    name: network,
    program: "mnist-webgpu 1.2.3",
    device: "a device",
    config: settings,
    dataset,
    parameters: await trainer.engine.readParameters(),
    epochs: log.epochs,
    evaluation,
    end: {
      ...{ event: "end", reason: "finished", steps: trainer.step, seconds: 1.5, network },
      ...{ dataset: dataset.name, test: figuresOf(evaluation), folder: "run" },
    },
  };
  const facts = { ...trained, ...change(trained) };
  const html = await makeReport(trainer.engine, facts);
  const probabilities = await trainer.engine.predict(dataset.test.images);
  trainer.destroy();
  const { document } = parseHTML(html);
  return { html, document, facts, probabilities, text: words(document.querySelector("main")) };
}

/** The text of an element, with single spaces. */
export function words(element: Element | null): string {
  return (element?.textContent ?? "").replace(/\s+/g, " ").trim();
}
