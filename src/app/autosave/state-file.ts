import * as v from "valibot";
import { UserError } from "../../errors.ts";
import { type CheckpointFile, decodeCheckpoint, encodeCheckpoint } from "../../model/checkpoint-file.ts";
import type { GivenData } from "../data/given.ts";
import { type Mix, storedMix } from "../own/own-digit.ts";
import { programName } from "../program.ts";
import { deleteEntry, entry, putEntry } from "../store.ts";
import { type RecordState, recordState } from "./record-state.ts";

/* What the worker does with the state of training: encodes it, puts it into the browser's store, and reads it again. */

/** The state of a run of training. */
export interface SavedState {
  readonly checkpoint: CheckpointFile;
  readonly record: RecordState;
  readonly finished: boolean;
  /** The user's own data that it was trained on, if it was: what it is called and how it is opened. */
  readonly given?: Pick<GivenData, "name" | "as">;
  /** Digits of the user's own that were among the training images. */
  readonly mix?: Mix;
  /** Milliseconds since 1970 when it was saved. */
  readonly at: number;
}

/** As the store holds it: the checkpoint is a file as the command line writes it. */
const stored = v.object({
  checkpoint: v.instance(Uint8Array),
  record: recordState,
  finished: v.boolean(),
  given: v.exactOptional(v.object({ name: v.string(), as: v.picklist(["folder", "files"]) })),
  mix: v.exactOptional(storedMix),
  at: v.number(),
});

/** @throws UserError if the browser has no room, or stores nothing */
export function saveState({ key, state }: { key: string; state: SavedState }): Promise<void> {
  return putEntry(key, { ...state, checkpoint: encodeCheckpoint(state.checkpoint) });
}

/** A state that was dropped: why, as the end of a sentence. */
export interface Unusable {
  readonly unusable: string;
}

/**
 * The saved state of an entry, if there is one; one that is damaged or of another version is dropped.
 * @throws UserError if the browser stores nothing
 */
export async function savedState(key: string): Promise<SavedState | Unusable | undefined> {
  const found = await entry(key);
  if (found === undefined) return undefined;
  const state = decoded(found);
  if ("unusable" in state) await deleteEntry(key);
  return state;
}

function decoded(found: unknown): SavedState | Unusable {
  const read = v.safeParse(stored, found);
  if (!read.success) return { unusable: "it is damaged" };
  let checkpoint: CheckpointFile;
  try {
    checkpoint = decodeCheckpoint(read.output.checkpoint, "the autosaved state");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { unusable: "it is damaged" };
  }
  const { program } = checkpoint.facts;
  if (program !== programName)
    return { unusable: `it is of ${program}, whose numbers may differ from those of ${programName}` };
  return { ...read.output, checkpoint };
}
