import type { CheckpointFacts, CheckpointFile } from "../model/checkpoint-file.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a checkpoint says beside what its snapshot does. */
export type RunFacts = Omit<CheckpointFacts, "step" | "sums" | "selection">;

/** What a checkpoint file holds of a snapshot. */
export function checkpointOf(
  { step, sums, selection, finite, state }: Snapshot,
  facts: RunFacts,
): CheckpointFile {
  const { parameters: best, ...scores } = selection;
  return {
    networks: { parameters: state.parameters, finite, ...(best && { best }), ...state.slots },
    facts: { ...facts, step, sums, selection: scores },
  };
}

/** The snapshot that a checkpoint file holds. */
export function snapshotOf({ networks, facts }: CheckpointFile): Snapshot {
  const { parameters, finite, best, ...slots } = networks;
  const { step, sums, selection } = facts;
  const { best: score, since } = selection;
  return {
    step,
    sums,
    selection: { since, ...(score && { best: score }), ...(best && { parameters: best }) },
    finite,
    state: { parameters, slots },
  };
}
