import type { Dataset } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { createTrainer } from "../../training/create-trainer.ts";
import type { Compute } from "../compute.ts";
import type { PastedFlags } from "../flags.ts";
import { figures, grouped } from "../format.ts";
import type { Output } from "../output.ts";
import { type Figures, figuresOf } from "../runs/records.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { readKept } from "./kept-network.ts";
import type { SweepFolder } from "./sweep-folder.ts";
import { configOf, halvedAlone, sweptText, trainCommandOf } from "./sweep-lines.ts";
import { missingIn, numbersOf, type ReadSweep } from "./sweep-reader.ts";
import { bestOf, type NetworkEndRecord, type SweepEndRecord, type SweepRecord } from "./sweep-records.ts";

/** A sweep with the networks that are done: every one, unless parts of it are missing. */
export interface TrainedSweep {
  readonly folder: SweepFolder;
  /** All that was recorded of its networks. */
  readonly records: readonly SweepRecord[];
  readonly dataset: Dataset;
  readonly compute: Compute;
  /** Those that it was trained with, for commands to paste. */
  readonly flags: PastedFlags;
}

/**
 * Chooses a network, has the test split judge that one alone, completes the folder and says what came out, which it returns.
 * Networks that are not to be kept are still there: until the sweep is known to be finished they may be needed once more.
 */
export async function finishSweep(sweep: TrainedSweep, output: Output): Promise<SweepEndRecord> {
  const { folder, records } = sweep;
  const { description } = folder;
  const ends = records.filter((record): record is NetworkEndRecord => record.event === "end");
  const numbers = numbersOf(description);
  const best = bestOf(ends);
  // Of merged parts that lack some the choice is still to come.
  const chosen = missingIn({ numbers, records }).length === 0 ? best : undefined;
  // Of some of the networks the best would not be the one that is chosen in the end.
  const isPart = numbers.length < description.networks.length;
  const test = chosen && !isPart ? await judge(sweep, chosen) : undefined;
  const isKept = description.keep !== "none";
  const end: SweepEndRecord = {
    event: "sweep",
    networks: ends.length,
    diverged: ends.filter(({ reason }) => reason === "diverged").length,
    ...(chosen && {
      chosen: {
        network: chosen.network,
        validation: chosen.validation!,
        ...(test && { test }),
        ...(isKept && { folder: folder.networkPath(chosen.network) }),
      },
    }),
  };
  folder.append(end);
  const { sweepReport } = await import("../report/sweep/sweep-report.ts");
  await folder.writeReport(sweepReport(description, [...records, end], sweep.flags));
  await folder.sync();
  if (best) tell(sweep, best, test, output);
  output.record(end);
  return end;
}

/** Throws a UserError if no network of a sweep was chosen; of a part of one it says so. */
export function checkChosen(
  { chosen, networks, diverged }: SweepEndRecord,
  { path, description: { shard } }: Pick<ReadSweep, "path" | "description">,
  output: Output,
): void {
  if (chosen) return;
  const where = shard ? "part" : "sweep";
  const all = networks === 1 ? "The one network" : `All ${grouped(networks)} networks`;
  const what =
    diverged === networks
      ? `${all} of this ${where} diverged.`
      : `Of no network of this ${where} the loss on validation images is finite: ${grouped(diverged)} of ${grouped(networks)} diverged.`;
  if (!shard) throw new UserError(`${what} Use smaller learning rates; ${path} says when each did.`);
  output.notice(`${what} sweep --merge says what came of the others.`);
}

/** What the test split says of the network that was chosen; completes its run folder. */
async function judge(
  { folder, dataset, compute }: TrainedSweep,
  { network: number }: NetworkEndRecord,
): Promise<Figures> {
  const path = folder.networkPath(number);
  const { run, end: told, model } = await readKept(path, compute.notice);
  const { config, name, program, device } = run.description;
  const { gpu, reopen } = compute;
  // The engine that it was trained on, for the very figures that `train` would have.
  const trainer = await createTrainer({
    config,
    dataset,
    gpu,
    reopen,
    parameters: model.parameters,
  });
  const evaluation = await trainer.evaluate();
  const test = figuresOf(evaluation);
  // In the order in which `train` writes it.
  const { folder: place, ...ended } = told;
  const end = { ...ended, test, folder: place };
  const kept = await RunFolder.reopen(path, run.description, [...run.epochs, end]);
  const { makeReport } = await import("../report/report.ts");
  const shown = { ...{ name, program, device, config, end, evaluation }, parameters: model.parameters };
  // The trainer's, without the validation images: it is what the network was trained on.
  const report = { ...shown, dataset: trainer.dataset, epochs: run.epochs };
  await kept.writeReport(await makeReport(trainer.engine, report));
  trainer.destroy();
  return test;
}

function tell(
  { folder, dataset, flags }: TrainedSweep,
  { network, reason, validation }: NetworkEndRecord,
  test: Figures | undefined,
  output: Output,
): void {
  const { description } = folder;
  output.say(
    `${test ? "Best" : "Best of these"}: network ${network}, ${sweptText(description, network)}. Validation images: ${figures(validation!)}`,
  );
  if (test) output.say(`Test split of ${dataset.name}: ${figures(test)}`);
  output.say(
    reason === "halved" ? halvedAlone : `By itself: ${trainCommandOf(configOf(description, network), flags)}`,
  );
  output.say(`Wrote ${folder.file("report.html")}.`);
}
