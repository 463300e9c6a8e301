import type { Dataset } from "../../data/dataset.ts";
import { networkName } from "../../model/parameters.ts";
import { settings } from "../../model/settings.ts";
import { CompileTime } from "../../training/compile-time.ts";
import { networkSizes } from "../../training/create-trainer.ts";
import type { Sweep } from "../../training/sweep/sweep.ts";
import type { Compute } from "../compute.ts";
import { commandText, type PastedFlags } from "../flags.ts";
import { grouped } from "../format.ts";
import type { Output } from "../output.ts";
import { catchAndTell, type Interrupts } from "../runs/interrupts.ts";
import { slowStart } from "../runs/slow-start.ts";
import type { InterruptedSweep } from "./interrupted-sweep.ts";
import { checkChosen, finishSweep } from "./sweep-end.ts";
import { progressName, type SweepFolder } from "./sweep-folder.ts";
import { SweepLog } from "./sweep-log.ts";
import { SweepProgress } from "./sweep-progress.ts";

/** A sweep with the place where it goes. */
export interface SweepWork {
  readonly sweep: Sweep;
  /** The numbers of its networks. */
  readonly numbers: readonly number[];
  readonly folder: SweepFolder;
  readonly dataset: Dataset;
  readonly compute: Compute;
  /** Those that it was begun with, or gone on with, for commands to paste. */
  readonly flags: PastedFlags;
  /** Where it goes on from, if it was interrupted. */
  readonly resumed?: InterruptedSweep | undefined;
}

/**
 * Trains to the end, or until a signal, and leaves everything in the sweep's folder.
 * @returns the exit code
 */
export async function performSweep(work: SweepWork, output: Output): Promise<number> {
  const interrupts = catchAndTell(output.notice);
  const { folder, sweep, resumed, flags } = work;
  let isComplete = false;
  try {
    const { records = [], checkpoints = new Map<string, number[]>() } = resumed ?? {};
    const log = new SweepLog({ ...work, records, checkpoints }, output);
    await train(work, log, interrupts, output);
    if (!sweep.finished) return interrupts.exitCode ?? 1;
    // Of a sweep that was killed when all was trained, checkpoints may be left.
    await log.checkpoint(new Map());
    const end = await finishSweep({ ...work, records: log.records }, output);
    await folder.remove(progressName);
    await folder.removeUnkept();
    isComplete = true;
    checkChosen(end, folder, output);
    return interrupts.exitCode ?? 0;
  } finally {
    interrupts.release();
    if (!isComplete) {
      output.say(`Stopped with ${sweep.ends.size} of ${sweep.configs.length} networks done.`);
      output.say(`Go on with: ${commandText(["sweep", "--resume", folder.path], flags)}`);
    }
  }
}

async function train(
  { sweep, numbers, resumed }: SweepWork,
  log: SweepLog,
  { signal }: Interrupts,
  output: Output,
): Promise<void> {
  const made = sweep.configs.map(
    (_, place) => resumed?.ends.get(place)?.steps ?? resumed?.states.get(place)?.snapshot.step ?? 0,
  );
  const progress = new SweepProgress(process.stderr, sweep, numbers, made);
  const compileTime = new CompileTime();
  const telling = slowStart(output.notice, compileTime);
  output.status = progress.bar;
  let toldOfRoom = false;
  try {
    await sweep.run({
      signal,
      onCompile: compileTime.heard,
      onGroup(group, waiting) {
        progress.begin(group);
        output.say(groupLine(sweep, numbers, group));
        if (waiting === 0 || toldOfRoom) return;
        toldOfRoom = true;
        const room = group.length === 1 ? "One network has" : `${grouped(group.length)} networks have`;
        output.notice(`${room} room at a time; the others follow. --memory gives more.`);
      },
      onEvent(place, event) {
        log.hear(place, event);
        if (event.type === "steps") progress.steps(place, event);
      },
      onCheckpoint: (states) => log.checkpoint(states),
    });
  } finally {
    telling.stop();
    progress.bar.clear();
    output.status = undefined;
  }
}

/** `Training 9 networks 784-10-10 together: 1, 4, 7, ...`. */
function groupLine(
  { configs, dataset }: Sweep,
  numbers: readonly number[],
  group: readonly number[],
): string {
  const config = configs[group[0]];
  const name = networkName(networkSizes(config, dataset));
  const named = group.map((place) => numbers[place]);
  const shown = named.length > 12 ? [...named.slice(0, 10), "...", named[named.length - 1]] : named;
  const several = group.length === 1 ? "network" : "networks";
  return `Training ${grouped(group.length)} ${several} ${name} (${settings.optimizer.label.toLowerCase()} ${config.optimizer}): ${shown.join(", ")}`;
}
