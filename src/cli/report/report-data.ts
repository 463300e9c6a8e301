import type { Dataset } from "../../data/dataset.ts";
import type { Parameters } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import type { Evaluation } from "../../training/events.ts";
import type { EpochRecord, TestedEnd } from "../runs/records.ts";
import type { ChosenDigits } from "./digits.ts";

/** What is known at the end of a run. Figures of a run that diverged need not be finite. */
export interface TrainedRun {
  readonly name: string;
  /** Program and version. */
  readonly program: string;
  /** What computed. */
  readonly device: string;
  readonly config: Config;
  readonly dataset: Dataset;
  /** The weights and biases that were kept. */
  readonly parameters: Parameters;
  /** Empty if training ended before its first step. */
  readonly epochs: readonly EpochRecord[];
  readonly end: TestedEnd;
  /** What the test split says of `parameters`. */
  readonly evaluation: Evaluation;
}

/** All that the report shows. */
export interface ReportData extends TrainedRun {
  readonly chosen: ChosenDigits;
  /** Probabilities of the chosen digits, `[indexesOf(chosen), classes]`. */
  readonly probabilities: Float32Array;
}
