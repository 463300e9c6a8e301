import { join } from "node:path";
import { UserError } from "../../errors.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import { networkName } from "../../model/parameters.ts";
import { programName } from "../../node/version.ts";
import { CompileTime } from "../../training/compile-time.ts";
import { DivergedError, type TrainingEvent } from "../../training/events.ts";
import type { Trainer } from "../../training/trainer.ts";
import { commandText, shellQuoted } from "../flags.ts";
import { grouped } from "../format.ts";
import type { Output } from "../output.ts";
import type { TensorBoardLog } from "../tensorboard/tensorboard.ts";
import { type CheckpointInterval, Checkpoints } from "./checkpoints.ts";
import { catchAndTell, type Interrupts } from "./interrupts.ts";
import { LastWrites } from "./last-writes.ts";
import type { Observer } from "./observer.ts";
import { trainingProgress } from "./progress.ts";
import { EpochLog, type EpochRecord } from "./records.ts";
import type { InterruptedRun } from "./resume.ts";
import { finish, type Outcome } from "./run-end.ts";
import { datasetFacts, modelName, RunFolder } from "./run-folder.ts";
import { epochLine, networkLine } from "./run-lines.ts";
import { slowStart } from "./slow-start.ts";

/** Where a run goes and what it is called. */
export interface RunPlace {
  readonly out?: string;
  readonly name?: string;
  /** The file that the weights came from. */
  readonly init?: string;
  /** Where the data is, as flags name it. */
  readonly data?: string;
  /** What computes, as flags name it. */
  readonly adapter?: string;
  /** The run that is gone on with, instead of a new one. */
  readonly resumed?: InterruptedRun | undefined;
  readonly checkpointEvery?: CheckpointInterval;
  /** What computes. */
  readonly device: string;
  /** Whether to write files for TensorBoard. */
  readonly tensorboard?: boolean;
  /** What tells the data of this run from others. */
  readonly identity: DatasetIdentity;
}

/**
 * Trains to the end, or until a signal, and leaves everything about it in a run folder: config.json before the first
 * step, a line in metrics.jsonl after every epoch, checkpoints when they are due and after a signal, the model and the
 * report at the end.
 * @returns the exit code
 * @throws DivergedError after the folder was completed with the best weights, if they are to be kept, or the last finite ones
 */
export async function performRun(trainer: Trainer, place: RunPlace, output: Output): Promise<number> {
  const interrupts = catchAndTell(output.notice);
  try {
    const folder = await openFolder(trainer, place);
    output.say(`Network: ${networkLine(trainer)}`);
    output.say(`Run folder: ${folder.path}`);
    const { resumed } = place;
    if (resumed) output.say(`Going on from step ${grouped(trainer.step)} of ${grouped(trainer.totalSteps)}`);
    const writes = new LastWrites(folder, output, interrupts.signal);
    await trainAndKeep(trainer, place, { folder, writes, interrupts }, output);
    if (writes.moved) throw writes.moved;
    return interrupts.exitCode ?? 0;
  } finally {
    interrupts.release();
  }
}

/** What a run has for as long as it lasts. */
interface RunMeans {
  readonly folder: RunFolder;
  readonly writes: LastWrites;
  readonly interrupts: Interrupts;
}

async function trainAndKeep(
  trainer: Trainer,
  place: RunPlace,
  { folder, writes, interrupts }: RunMeans,
  output: Output,
): Promise<void> {
  const { resumed, device, identity, checkpointEvery: every, tensorboard } = place;
  const startedAt = performance.now();
  const compileTime = new CompileTime();
  const seconds = () => (resumed?.seconds ?? 0) + (performance.now() - startedAt - compileTime.ms) / 1000;
  const atEnd = Boolean(every ?? resumed);
  const checkpoints = await Checkpoints.begin(
    { trainer, folder, writes, identity, device, every, atEnd, seconds },
    output,
  );
  const keep = recordKeeper(folder, output);
  const onRecord = (record: EpochRecord) => {
    keep(record);
    output.say(epochLine(record, trainer));
    output.record(record);
  };
  const log = new EpochLog(trainer, onRecord, resumed?.epochs);
  const board = tensorboard ? await openBoard(folder, trainer, output) : undefined;
  // The checkpoint first: unlike the report, it cannot be made again.
  const observers = [progressOn(output, trainer), slowStart(output.notice, compileTime), checkpoints, log];
  const watchers = board ? [...observers, board] : observers;
  let outcome: Outcome | undefined;
  try {
    outcome = await trainTo(trainer, watchers, { seconds, compileTime }, interrupts);
    const end = await finish(trainer, { folder, writes, log, outcome }, output);
    await board?.end(end);
    if (outcome.diverged) {
      for (const line of afterDivergence(trainer, folder, checkpoints)) output.say(line);
      throw outcome.diverged;
    }
  } finally {
    // The settings of a run that is resumed are its own: one that diverged would do so again.
    if (checkpoints.saved && !trainer.finished && !outcome?.diverged)
      output.say(`Go on with: ${commandText(["train", "--resume", folder.path], place)}`);
  }
}

/** What can be begun with of a run that diverged, and what is of no use. */
function* afterDivergence(
  { config, position }: Trainer,
  { path }: RunFolder,
  { saved }: Pick<Checkpoints, "saved">,
): Generator<string> {
  const { step, selection } = position;
  if (step > 0) {
    const kept = config.keepBest && selection.best ? "weights of the best epoch" : "last finite weights";
    const from = shellQuoted(`--init=${join(path, modelName)}`);
    yield `The ${kept} are kept: train ${from} begins with them, and with the settings that are given.`;
  }
  if (saved)
    yield "Its checkpoint is from before, but --resume would come to the same step with the same settings.";
}

/** Adds records to the folder; training goes on where that cannot be, and the same reason is told once. */
function recordKeeper(folder: RunFolder, output: Output): (record: EpochRecord) => void {
  let told = "";
  return (record) => {
    try {
      folder.append(record);
      told = "";
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.message !== told)
        output.notice(`${error.message} Training goes on, and every epoch tries again.`);
      told = error.message;
    }
  };
}

function openFolder(trainer: Trainer, place: RunPlace): Promise<RunFolder> {
  const { out, name, init, device, resumed, identity } = place;
  const { dataset, config, engine, watched } = trainer;
  const network = networkName(engine.sizes);
  if (resumed) {
    const { path, description, epochs } = resumed;
    return RunFolder.reopen(path, { ...description, device, config }, epochs);
  }
  const title = name ?? network;
  return RunFolder.create(out === undefined ? { name: title } : { out }, {
    program: programName,
    name: title,
    started: new Date().toISOString(),
    network,
    device,
    dataset: {
      ...datasetFacts(dataset, watched.name === "validation" ? watched.split : undefined),
      sha256: identity.sha256,
    },
    ...(init !== undefined && { init }),
    config,
  });
}

/** Pictures are a large part of the program: it starts without them. */
async function openBoard({ path }: RunFolder, trainer: Trainer, output: Output): Promise<TensorBoardLog> {
  const { TensorBoardLog } = await import("../tensorboard/tensorboard.ts");
  return TensorBoardLog.begin(path, trainer, output.notice);
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
