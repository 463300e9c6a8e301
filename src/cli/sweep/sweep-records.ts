import type { EpochEvent } from "../../training/events.ts";
import type { EpochScore } from "../../training/selection.ts";
import type { EndEvent } from "../../training/sweep/group-network.ts";
import { bestScored } from "../../training/sweep/halving.ts";
import { type EpochRecord, epochRecordOf, type Figures } from "../runs/records.ts";

/** What sweep.jsonl and `--json` say of an epoch of a network. */
export interface NetworkEpoch extends EpochRecord {
  /** Its number in the sweep, from 1. */
  readonly network: number;
}

/** What they say when a network is done. */
export interface NetworkEndRecord {
  readonly event: "end";
  readonly network: number;
  readonly reason: EndEvent["reason"];
  readonly steps: number;
  /** What the validation images say of the weights that are kept; nothing of a network that diverged. */
  readonly validation?: Figures;
  /** The best evaluation of the validation images. */
  readonly best?: EpochScore;
}

/** The last line of a sweep that is finished. */
export interface SweepEndRecord {
  readonly event: "sweep";
  readonly networks: number;
  /** Those that diverged. */
  readonly diverged: number;
  /** The network that did best on the validation images; absent if they say nothing of any, and while some are missing in merged parts. */
  readonly chosen?: {
    readonly network: number;
    readonly validation: Figures;
    /** Absent in a part of a sweep: the test split is read once, when the parts are merged. */
    readonly test?: Figures;
    /** Its run folder, if it was kept. */
    readonly folder?: string;
  };
}

export type SweepRecord = NetworkEpoch | NetworkEndRecord | SweepEndRecord;

export function networkEpochOf(network: number, event: EpochEvent): NetworkEpoch {
  const { event: name, ...figures } = epochRecordOf(event);
  return { event: name, network, ...figures };
}

export function networkEndOf(network: number, { reason, steps, score, best }: EndEvent): NetworkEndRecord {
  return {
    event: "end",
    ...{ network, reason, steps },
    ...(score && { validation: { loss: score.loss, accuracy: score.accuracy } }),
    ...(best && { best }),
  };
}

/** The network that did best on the validation images, one that was halved only for want of others; none if they say nothing. */
export function bestOf(ends: readonly NetworkEndRecord[]): NetworkEndRecord | undefined {
  return bestScored(ends.map((end) => ({ ...end, score: end.validation, end })))?.end;
}
