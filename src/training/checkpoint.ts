import type { CheckpointFacts, CheckpointFile } from "../model/checkpoint-file.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a checkpoint says beside what its snapshot does. */
export type RunFacts = Omit<CheckpointFacts, "step" | "sums" | "selection" | "slotsSince">;

/** What a checkpoint file holds of a snapshot. */
export function checkpointOf(
  { step, sums, selection, finite, slotsSince, state }: Snapshot,
  facts: RunFacts,
): CheckpointFile {
  const { parameters: best, ...scores } = selection;
  return {
    networks: { parameters: state.parameters, finite, ...(best && { best }), ...state.slots },
    facts: { ...facts, step, sums, selection: scores, ...(slotsSince > 0 && { slotsSince }) },
  };
}

/** The snapshot that a checkpoint file holds. */
export function snapshotOf({ networks, facts }: CheckpointFile): Snapshot {
  const { parameters, finite, best, ...slots } = networks;
  const { step, sums, selection, slotsSince = 0 } = facts;
  const { best: score, since } = selection;
  return {
    step,
    sums,
    selection: { since, ...(score && { best: score }), ...(best && { parameters: best }) },
    finite,
    slotsSince,
    state: { parameters, slots },
  };
}
