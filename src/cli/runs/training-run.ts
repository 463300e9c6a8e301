import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import { networkName } from "../../model/parameters.ts";
import { programVersion } from "../../node/version.ts";
import { CompileTime } from "../../training/compile-time.ts";
import { DivergedError, type Evaluation, type TrainingEvent } from "../../training/events.ts";
import type { Trainer } from "../../training/trainer.ts";
import { duration, figures, grouped, rate } from "../format.ts";
import { modelBytes } from "../model-files.ts";
import type { Output } from "../output.ts";
import type { TensorBoardLog } from "../tensorboard/tensorboard.ts";
import { type CheckpointInterval, Checkpoints } from "./checkpoints.ts";
import { catchInterrupts, type Interrupts } from "./interrupts.ts";
import type { Observer } from "./observer.ts";
import { trainingProgress } from "./progress.ts";
import { type EndRecord, EpochLog, type EpochRecord, figuresOf } from "./records.ts";
import type { InterruptedRun } from "./resume.ts";
import { RunFolder } from "./run-folder.ts";
import { slowStart } from "./slow-start.ts";

/** Where a run goes and what it is called. */
export interface RunPlace {
  readonly out?: string;
  readonly name?: string;
  /** The file that the weights came from. */
  readonly init?: string;
  /** The run that is gone on with, instead of a new one. */
  readonly resumed?: InterruptedRun;
  readonly checkpointEvery?: CheckpointInterval;
  /** What computes. */
  readonly device: string;
  /** Whether to write files for TensorBoard. */
  readonly tensorboard?: boolean;
  /** What tells the data of this run from others. */
  readonly identity: () => Promise<DatasetIdentity>;
}

/** How training ended. */
interface Outcome {
  readonly seconds: number;
  /** Set if the loss ceased to be finite. */
  readonly diverged?: DivergedError;
}

/**
 * Trains to the end, or until a signal, and leaves everything about it in a run folder: config.json before the first
 * step, a line in metrics.jsonl after every epoch, checkpoints when they are due and after a signal, the model and the
 * report at the end.
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
    const { resumed, device, identity, checkpointEvery: every, tensorboard } = place;
    const folder = await openFolder(trainer, place);
    output.say(`Network: ${networkLine(trainer)}`);
    output.say(`Run folder: ${folder.path}`);
    if (resumed) output.say(`Going on from step ${grouped(trainer.step)} of ${grouped(trainer.totalSteps)}`);
    const startedAt = performance.now();
    const compileTime = new CompileTime();
    const seconds = () => (resumed?.seconds ?? 0) + (performance.now() - startedAt - compileTime.ms) / 1000;
    const atEnd = Boolean(every ?? resumed);
    const checkpoints = new Checkpoints({ trainer, folder, identity, device, every, atEnd, seconds }, output);
    const onRecord = (record: EpochRecord) => {
      folder.append(record);
      output.say(epochLine(record, trainer));
      output.record(record);
    };
    const log = new EpochLog(trainer, onRecord, resumed?.epochs);
    const board = tensorboard ? await openBoard(folder, trainer) : undefined;
    // The checkpoint first: unlike the report, it cannot be made again.
    const observers = [
      progressOn(output, trainer),
      slowStart((line) => output.notice(line), compileTime),
      checkpoints,
      log,
    ];
    const watchers = board ? [...observers, board] : observers;
    const outcome = await trainTo(trainer, watchers, { seconds, compileTime }, interrupts);
    const end = await finish(trainer, { folder, log, outcome }, output);
    await board?.end(end);
    if (outcome.diverged) throw outcome.diverged;
    if (checkpoints.saved && !trainer.finished) {
      output.say(`Go on with: mnist-webgpu train --resume ${folder.path}`);
    }
    return interrupts.exitCode ?? 0;
  } finally {
    interrupts.release();
  }
}

function openFolder(trainer: Trainer, { out, name, init, device, resumed }: RunPlace): Promise<RunFolder> {
  const { dataset, config, engine, watched } = trainer;
  const network = networkName(engine.sizes);
  const { train, test, classes } = dataset;
  if (resumed) {
    const { path, description, epochs } = resumed;
    return RunFolder.reopen(path, { ...description, device, config }, epochs);
  }
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
      ...(watched.name === "validation" && { validation: watched.split.count }),
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
  const { TensorBoardLog } = await import("../tensorboard/tensorboard.ts");
  return TensorBoardLog.begin(path, trainer);
}

/** Trains as far as it goes, while `observers` look on. */
async function trainTo(
  trainer: Trainer,
  observers: readonly Observer[],
  { seconds, compileTime }: { readonly seconds: () => number; readonly compileTime: CompileTime },
  { signal }: Interrupts,
): Promise<Outcome> {
  const onEvent = (event: TrainingEvent) => {
    for (const observer of observers) observer.handle(event);
  };
  let error: unknown;
  try {
    await trainer.run({ signal, onEvent, onCompile: compileTime.heard });
  } catch (thrown) {
    error = thrown;
  }
  const outcome = { seconds: seconds() };
  for (const observer of observers) await observer.stop?.(error);
  if (error === undefined) return outcome;
  if (error instanceof DivergedError) return { ...outcome, diverged: error };
  throw error;
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
  const { engine, dataset, config, position } = trainer;
  await trainer.installBest();
  const parameters = await engine.readParameters();
  await folder.writeModel(modelBytes(parameters, { config, dataset }));
  const evaluation = await finalEvaluation(trainer, log, outcome);
  const { best } = position.selection;
  const end: EndRecord = {
    event: "end",
    reason: reasonOf(trainer, outcome),
    steps: outcome.diverged?.step ?? trainer.step,
    seconds: outcome.seconds,
    network: networkName(engine.sizes),
    dataset: dataset.name,
    ...(best && { best }),
    test: figuresOf(evaluation),
    folder: folder.path,
  };
  folder.append(end);
  // Loaded late: plots and pictures are a large part of the program.
  const { makeReport } = await import("../report/report.ts");
  const { name, program, device } = folder.description;
  const facts = { name, program, device, config, dataset, parameters, epochs: log.epochs, end, evaluation };
  await folder.writeReport(await makeReport(engine, facts));
  if (end.reason === "stopped early") {
    output.say(`Stopped early: ${position.selection.since} evaluations without a better one.`);
  }
  if (best) {
    const kept = config.keepBest ? ", whose weights are kept" : "";
    output.say(`Best epoch: ${grouped(best.epoch)}${kept}. Validation images: ${figures(best)}`);
  }
  output.say(
    `Trained ${grouped(end.steps)} steps in ${duration(end.seconds)} (${rate(end.steps / end.seconds)}). ` +
      `Test split of ${end.dataset}: ${figures(end.test)}`,
  );
  output.record(end);
  return end;
}

function reasonOf({ stoppedEarly, finished }: Trainer, { diverged }: Outcome): EndRecord["reason"] {
  if (diverged) return "diverged";
  return stoppedEarly ? "stopped early" : finished ? "finished" : "interrupted";
}

/** What the test split says of the weights that were kept; the last epoch's evaluation if that was of the same ones. */
async function finalEvaluation(trainer: Trainer, log: EpochLog, { diverged }: Outcome): Promise<Evaluation> {
  const last = log.lastTest;
  return !diverged && last?.steps === trainer.step ? last.evaluation : trainer.evaluate();
}

function networkLine({ engine, dataset, config, watched }: Trainer): string {
  const validation = watched.name === "validation" ? `, ${grouped(watched.split.count)} validation` : "";
  const images = `${grouped(dataset.train.count)} training${validation} and ${grouped(dataset.test.count)} test images`;
  const schedule = config.schedule === "constant" ? "" : ` (${config.schedule} schedule)`;
  return (
    `${networkName(engine.sizes)} on ${dataset.name} (${images}, ${dataset.origin}), ` +
    `batch size ${config.batchSize}, learning rate ${config.learningRate}${schedule}`
  );
}

/** One line about an epoch: `epoch   3/100  loss 0.3456  accuracy 90.12%  test loss 0.3000  ...  1,234 steps/s`. */
function epochLine(record: EpochRecord, { config, stepsPerEpoch }: Trainer): string {
  const { epoch, steps, unfinished, test, validation, stepsPerSecond } = record;
  const number = String(epoch).padStart(String(config.epochs).length);
  return [
    `epoch ${number}/${config.epochs}`,
    ...(unfinished ? [`(${steps - (epoch - 1) * stepsPerEpoch} of ${stepsPerEpoch} steps)`] : []),
    figures(record),
    ...(test ? [`test ${figures(test)}`] : []),
    ...(validation ? [`validation ${figures(validation)}`] : []),
    rate(stepsPerSecond),
  ].join("  ");
}
