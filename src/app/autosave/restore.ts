import { UserError } from "../../errors.ts";
import type { Config } from "../../model/settings.ts";
import { snapshotOf } from "../../training/checkpoint.ts";
import { isSameData } from "../../training/identity.ts";
import type { GivenData } from "../data/given.ts";
import { RunRecord } from "../record.ts";
import type { Training } from "../training.ts";
import type { Autosave } from "./autosave.ts";
import type { SavedState } from "./state-file.ts";

/**
 * Replaces the network by an autosaved one, with what it measured, and trains on where that was begun and not finished.
 * @param given the user's own data, if it was trained on such
 * @throws UserError if its data is not to be had any more: the network there is stays
 */
export async function restore(
  training: Training,
  autosave: Autosave,
  state: SavedState,
  config: Config,
  given?: GivenData,
): Promise<void> {
  const { checkpoint, record, mix } = state;
  const { dataset, seconds } = checkpoint.facts;
  const identity = await training.work.add({ what: "Finding its data" }, async () =>
    autosave.identify(await training.maker.data(config, given, mix), config),
  );
  if (!isSameData(identity, dataset)) {
    const instead = given
      ? "was opened. Open what it was trained on."
      : "there is now: it cannot be gone on with.";
    throw new UserError(
      `The autosaved network ${record.network} was trained on other data (${dataset.name} with ${dataset.train} training ` +
        `images) than ${instead}`,
    );
  }
  const restored = RunRecord.restored(config, record);
  restored.seconds = seconds;
  await training.replace(config, { snapshot: snapshotOf(checkpoint), record: restored, given, mix });
  if (checkpoint.facts.step > 0) training.train();
}
