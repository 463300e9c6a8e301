import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cannotWrite, makeFolder } from "../../node/files.ts";
import type { EpochEvent, StepsEvent, TrainingEvent } from "../../training/events.ts";
import type { Trainer } from "../../training/trainer.ts";
import type { Observer } from "../runs/observer.ts";
import type { Figures, TestedEnd } from "../runs/records.ts";
import { restartRecord, type Value, valuesRecord, versionRecord } from "./events.ts";
import { weightsPicture } from "./weights-picture.ts";

/** Points that an epoch's steps give, and pictures of a whole run, at most. */
const pointsPerEpoch = 20;
const mostPictures = 50;

/**
 * Writes what TensorBoard shows of a run: loss and accuracy of steps (means over a twentieth of an epoch), of epochs and
 * of evaluations, the learning rate, and pictures of the first layer's weights, all by the number of the step. A run
 * that is resumed adds a file to the same folder.
 */
export class TensorBoardLog implements Observer {
  readonly #trainer: Trainer;
  /** Where it goes, as long as it can be written. */
  #file: string | undefined;
  readonly #notice: (line: string) => void;
  /** Steps that a point stands for. Points end at its multiples, however steps come in. */
  readonly #window: number;
  #sums = nothing;
  #testedAt = -1;
  readonly #pictures: Promise<void>[] = [];

  private constructor(file: string, trainer: Trainer, notice: (line: string) => void) {
    this.#file = file;
    this.#trainer = trainer;
    this.#notice = notice;
    this.#window = Math.ceil(trainer.stepsPerEpoch / pointsPerEpoch);
  }

  /**
   * Begins a file in the folder `tensorboard` of a run folder.
   * @param notice is told if it cannot be written later, which costs no training
   * @throws UserError if it cannot be written
   */
  static async begin(
    runFolder: string,
    trainer: Trainer,
    notice: (line: string) => void,
  ): Promise<TensorBoardLog> {
    const folder = join(runFolder, "tensorboard");
    const start = [versionRecord(), ...(trainer.step > 0 ? [restartRecord(trainer.step + 1)] : [])];
    try {
      await makeFolder(folder);
      return new TensorBoardLog(createFile(folder, Buffer.concat(start)), trainer, notice);
    } catch (error) {
      throw cannotWrite(folder, error);
    }
  }

  handle(event: TrainingEvent): void {
    if (event.type === "steps") this.#addSteps(event);
    else this.#addEpoch(event);
  }

  /** The steps of a point that is not complete give one too. */
  stop(): void {
    this.#endPoint();
  }

  /** Waits for the pictures, and adds the final figures if the last epoch has not given them. */
  async end({ reason, steps, test }: TestedEnd): Promise<void> {
    await Promise.all(this.#pictures);
    // If the run diverged, these weights are older than its last step.
    if (reason !== "diverged" && this.#testedAt !== steps) this.#add(steps, figures("test", test));
  }

  #addSteps({ firstStep, loss, correct, sizes, learningRates }: StepsEvent): void {
    for (const [index, size] of sizes.entries()) {
      const { samples, ...sums } = this.#sums;
      const step = firstStep + index;
      this.#sums = {
        step,
        samples: samples + size,
        loss: sums.loss + loss[index] * size,
        correct: sums.correct + correct[index],
        learningRate: learningRates[index],
      };
      if (step % this.#window === 0) this.#endPoint();
    }
  }

  #endPoint(): void {
    const { step, samples, loss, correct, learningRate } = this.#sums;
    if (samples === 0) return;
    this.#sums = nothing;
    const means = { loss: loss / samples, accuracy: correct / samples };
    this.#add(step, [...figures("steps", means), { tag: "learning_rate", scalar: learningRate }]);
  }

  #addEpoch({ epoch, steps, test, validation, ...training }: EpochEvent): void {
    if (test) this.#testedAt = steps;
    this.#add(steps, [
      ...figures("training", training),
      ...(test ? figures("test", test) : []),
      ...(validation ? figures("validation", validation) : []),
    ]);
    const { epochs } = this.#trainer.config;
    if (epoch === epochs || epoch % Math.ceil(epochs / mostPictures) === 0) this.#addPicture();
  }

  /** The weights as they are after the steps that were asked for so far: a few more than are reported. */
  #addPicture(): void {
    const { engine, step, dataset } = this.#trainer;
    const picture = engine.readParameters().then(([first]) => {
      this.#add(step, [{ tag: "weights/first_layer", ...weightsPicture(first, dataset.train) }]);
    });
    // end() reports a failure; until then it is no unhandled rejection.
    picture.catch(() => {});
    this.#pictures.push(picture);
  }

  #add(step: number, values: readonly Value[]): void {
    if (this.#file === undefined) return;
    try {
      appendFileSync(this.#file, valuesRecord(step, values));
    } catch (error) {
      // A record that was cut short would hide those after it.
      this.#notice(`${cannotWrite(this.#file, error).message} TensorBoard shows no more of this run.`);
      this.#file = undefined;
    }
  }
}

/** A point of which no step was seen yet. */
const nothing = { step: 0, samples: 0, loss: 0, correct: 0, learningRate: 0 };

function figures(of: string, { loss, accuracy }: Figures): Value[] {
  return [
    { tag: `loss/${of}`, scalar: loss },
    { tag: `accuracy/${of}`, scalar: accuracy },
  ];
}

/**
 * Makes a new file; TensorBoard finds it by "tfevents" and reads those of a folder in the order of their names, which have the
 * seconds of their beginnings. A clock that was set back since the last one began is not followed.
 */
function createFile(folder: string, contents: Uint8Array): string {
  const earlier = readdirSync(folder).map((name) => Number(/\.tfevents\.(\d{10})\./.exec(name)?.[1] ?? 0));
  const seconds = Math.max(Math.floor(Date.now() / 1000), ...earlier.map((second) => second + 1));
  for (let number = 0; ; number++) {
    const path = join(folder, `events.out.tfevents.${seconds}.mnist-webgpu.${number}`);
    if (writeNewFile(path, contents)) return path;
  }
}

/** Whether there was no such file before. */
function writeNewFile(path: string, contents: Uint8Array): boolean {
  try {
    writeFileSync(path, contents, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
