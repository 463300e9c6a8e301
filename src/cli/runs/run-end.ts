import { networkName } from "../../model/parameters.ts";
import type { DivergedError, Evaluation } from "../../training/events.ts";
import type { Trainer } from "../../training/trainer.ts";
import { duration, figures, grouped, rate } from "../format.ts";
import { modelBytes } from "../model-files.ts";
import type { Output } from "../output.ts";
import type { LastWrites } from "./last-writes.ts";
import { type EndRecord, type EpochLog, figuresOf, type TestedEnd } from "./records.ts";
import type { RunFolder } from "./run-folder.ts";

/** How training ended. */
export interface Outcome {
  readonly seconds: number;
  /** Set if the loss ceased to be finite. */
  readonly diverged?: DivergedError;
}

/** What the end of a run is made of. */
export interface Finish {
  readonly folder: RunFolder;
  readonly writes: LastWrites;
  readonly log: EpochLog;
  readonly outcome: Outcome;
}

/** Evaluates on the test split, completes the run folder and says what came out. */
export async function finish(
  trainer: Trainer,
  { folder, writes, log, outcome }: Finish,
  output: Output,
): Promise<TestedEnd> {
  const { engine, dataset, config, position } = trainer;
  await trainer.installBest();
  const parameters = await engine.readParameters();
  const model = modelBytes(parameters, { config, dataset });
  await writes.do(() => folder.writeModel(model));
  const evaluation = await finalEvaluation(trainer, log, outcome);
  const { best } = position.selection;
  const endRecord = (): TestedEnd => ({
    event: "end",
    reason: reasonOf(trainer, outcome),
    steps: outcome.diverged?.step ?? trainer.step,
    seconds: outcome.seconds,
    network: networkName(engine.sizes),
    dataset: dataset.name,
    ...(best && { best }),
    test: figuresOf(evaluation),
    folder: folder.path,
  });
  await writes.do(() => folder.end(endRecord()));
  const end = endRecord();
  // Loaded late: plots and pictures are a large part of the program.
  const { makeReport } = await import("../report/report.ts");
  const { name, program, device } = folder.description;
  const facts = { name, program, device, config, dataset, parameters, epochs: log.epochs, end, evaluation };
  const report = await makeReport(engine, facts);
  await writes.do(() => folder.writeReport(report));
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
  output.record(endRecord());
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
