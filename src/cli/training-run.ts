import { networkName } from "../model/parameters.ts";
import { DivergedError, type Evaluation } from "../training/events.ts";
import type { Trainer } from "../training/trainer.ts";
import { duration, figures, grouped, rate } from "./format.ts";
import { catchInterrupts, type Interrupts } from "./interrupts.ts";
import { modelBytes } from "./model-files.ts";
import type { Observer } from "./observer.ts";
import type { Output } from "./output.ts";
import { trainingProgress } from "./progress.ts";
import { type EndRecord, EpochLog, type EpochRecord, figuresOf } from "./records.ts";
import { RunFolder } from "./run-folder.ts";
import type { TensorBoardLog } from "./tensorboard/tensorboard.ts";
import { programVersion } from "./version.ts";

/** Where a run goes and what it is called. */
export interface RunPlace {
  readonly out?: string;
  readonly name?: string;
  /** The file that the weights came from. */
  readonly init?: string;
  /** What computes. */
  readonly device: string;
  /** Whether to write files for TensorBoard. */
  readonly tensorboard?: boolean;
}

/** How training ended. */
interface Outcome {
  readonly seconds: number;
  /** Set if the loss ceased to be finite. */
  readonly diverged?: DivergedError;
}

/**
 * Trains to the end, or until a signal, and leaves everything about it in a run folder: config.json before the first
 * step, a line in metrics.jsonl after every epoch, the model and the report at the end.
 * @returns the exit code
 * @throws DivergedError after the folder was completed with the last finite weights
 */
export async function performRun(trainer: Trainer, place: RunPlace, output: Output): Promise<number> {
  const interrupts = catchInterrupts((name) => {
    const [cause, hint] =
      name === "SIGPIPE" ? ["stdout was closed", ""] : [name, "; once more exits at once"];
    output.notice(`${cause}: stopping and keeping what was trained${hint}.`);
  });
  try {
    const folder = await createFolder(trainer, place);
    output.say(`Network: ${networkLine(trainer)}`);
    output.say(`Run folder: ${folder.path}`);
    const log = new EpochLog((record) => {
      folder.append(record);
      output.say(epochLine(record, trainer));
      output.record(record);
    });
    const board = place.tensorboard ? await openBoard(folder, trainer) : undefined;
    const observers = [progressOn(output, trainer), log, ...(board ? [board] : [])];
    const outcome = await trainTo(trainer, observers, interrupts);
    const end = await finish(trainer, { folder, log, outcome }, output);
    await board?.end(end);
    if (outcome.diverged) throw outcome.diverged;
    return interrupts.exitCode ?? 0;
  } finally {
    interrupts.release();
  }
}

function createFolder(trainer: Trainer, { out, name, init, device }: RunPlace): Promise<RunFolder> {
  const { dataset, config, engine } = trainer;
  const network = networkName(engine.sizes);
  const { train, test, classes } = dataset;
  const title = name ?? network;
  return RunFolder.create(out === undefined ? { name: title } : { out }, {
    program: `mnist-webgpu ${programVersion}`,
    name: title,
    started: new Date().toISOString(),
    network,
    device,
    dataset: {
      name: dataset.name,
      origin: dataset.origin,
      train: train.count,
      test: test.count,
      rows: train.rows,
      columns: train.columns,
      classes,
    },
    ...(init !== undefined && { init }),
    config,
  });
}

/** Pictures are a large part of the program: it starts without them. */
async function openBoard({ path }: RunFolder, trainer: Trainer): Promise<TensorBoardLog> {
  const { TensorBoardLog } = await import("./tensorboard/tensorboard.ts");
  return new TensorBoardLog(path, trainer);
}

/** Trains as far as it goes, while `observers` look on. */
async function trainTo(
  trainer: Trainer,
  observers: readonly Observer[],
  { signal }: Interrupts,
): Promise<Outcome> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    await trainer.run({
      sleep: true,
      signal,
      onEvent: (event) => {
        for (const observer of observers) observer.handle(event);
      },
    });
    return { seconds: seconds() };
  } catch (error) {
    if (error instanceof DivergedError) return { seconds: seconds(), diverged: error };
    throw error;
  } finally {
    for (const observer of observers) observer.stop?.();
  }
}

/** Progress on the terminal, for which the lines of `output` make room. */
function progressOn(output: Output, { config, totalSteps }: Trainer): Observer {
  const progress = trainingProgress(process.stderr, { epochs: config.epochs, steps: totalSteps });
  output.status = progress;
  return {
    handle(event) {
      if (event.type === "steps") progress.update(event);
    },
    stop() {
      progress.clear();
      output.status = undefined;
    },
  };
}

interface Finish {
  readonly folder: RunFolder;
  readonly log: EpochLog;
  readonly outcome: Outcome;
}

/** Evaluates on the test split, completes the run folder and says what came out. */
async function finish(
  trainer: Trainer,
  { folder, log, outcome }: Finish,
  output: Output,
): Promise<EndRecord> {
  const { engine, dataset, config } = trainer;
  const parameters = await engine.readParameters();
  // First of all what cannot be had again.
  await folder.writeModel(modelBytes(parameters, { config, dataset: dataset.name }));
  const evaluation = await finalEvaluation(trainer, log, outcome);
  const end: EndRecord = {
    event: "end",
    reason: outcome.diverged ? "diverged" : trainer.finished ? "finished" : "interrupted",
    steps: outcome.diverged?.step ?? trainer.step,
    seconds: outcome.seconds,
    network: networkName(engine.sizes),
    dataset: dataset.name,
    test: figuresOf(evaluation),
    folder: folder.path,
  };
  folder.append(end);
  // Plots and pictures are a large part of the program: training starts without them.
  const { makeReport } = await import("./report/report.ts");
  const { name, program, device } = folder.description;
  const facts = { name, program, device, config, dataset, parameters, epochs: log.epochs, end, evaluation };
  await folder.writeReport(await makeReport(engine, facts));
  output.say(
    `Trained ${grouped(end.steps)} steps in ${duration(end.seconds)} (${rate(end.steps / end.seconds)}). ` +
      `Test split of ${end.dataset}: ${figures(end.test)}`,
  );
  output.record(end);
  return end;
}

/** What the test split says of the weights that were kept; the last epoch's evaluation if that was of the same ones. */
async function finalEvaluation(trainer: Trainer, log: EpochLog, { diverged }: Outcome): Promise<Evaluation> {
  const last = log.lastTest;
  return !diverged && last?.steps === trainer.step ? last.evaluation : trainer.evaluate();
}

function networkLine({ engine, dataset, config }: Trainer): string {
  const images = `${grouped(dataset.train.count)} training and ${grouped(dataset.test.count)} test images`;
  return (
    `${networkName(engine.sizes)} on ${dataset.name} (${images}, ${dataset.origin}), ` +
    `batch size ${config.batchSize}, learning rate ${config.learningRate}`
  );
}

/** One line about an epoch: `epoch   3/100  loss 0.3456  accuracy 90.12%  test 90.50%  1,234 steps/s`. */
function epochLine(record: EpochRecord, { config, stepsPerEpoch }: Trainer): string {
  const { epoch, steps, unfinished, test, stepsPerSecond } = record;
  const number = String(epoch).padStart(String(config.epochs).length);
  return [
    `epoch ${number}/${config.epochs}`,
    ...(unfinished ? [`(${steps - (epoch - 1) * stepsPerEpoch} of ${stepsPerEpoch} steps)`] : []),
    figures(record),
    ...(test ? [`test ${figures(test)}`] : []),
    rate(stepsPerSecond),
  ].join("  ");
}
