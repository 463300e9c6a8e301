import type { Config } from "../model/settings.ts";
import type { Autosave } from "./autosave/autosave.ts";
import type { SavedLeft } from "./autosave/offer.ts";
import { restore } from "./autosave/restore.ts";
import { chooseData, droppedFiles, type GivenData } from "./data/given.ts";
import { isModelFile } from "./model-files.ts";
import { toast } from "./toasts.ts";
import type { Training } from "./training.ts";

/** What the page does with data of the user's own, and with autosaved training. */
export interface DataActions {
  /** Asks for data of the user's own. */
  openData(as: GivenData["as"]): void;
  /** Takes what was dropped on the page: data, or a model file. */
  drop(dropped: DataTransfer): void;
  /** Goes on with training that an earlier visit left; calls `again` if that cannot be. */
  goOn(left: SavedLeft, config: Config, again: () => void): void;
}

/**
 * @param attempt does something that may be refused, and says so
 * @param loadFile replaces the network by that of a model file
 */
export function dataControls(
  training: Training,
  autosave: Autosave,
  attempt: (work: () => Promise<void>) => Promise<void>,
  loadFile: (file: File) => Promise<void>,
): DataActions {
  const open = async (given: GivenData | undefined) => {
    if (!given) return;
    await training.replace({}, { given }, given.name);
    const { name, train, test } = training.dataset;
    const [most, least] = [train.count, test.count].map((count) => count.toLocaleString("en"));
    toast(`The data is ${name}: ${most} training and ${least} test images. The network begins anew.`);
  };
  return {
    openData: (as) => void attempt(async () => open(await chooseData(as))),
    drop: (dropped) =>
      void attempt(async () => {
        const given = await droppedFiles(dropped);
        const [only, ...others] = given?.files ?? [];
        if (only && others.length === 0 && isModelFile(only.path)) return loadFile(only.file);
        return open(given);
      }),
    goOn: ({ key, state }, config, again) =>
      void attempt(async () => {
        try {
          const given = state.given && (await chooseData(state.given.as));
          if (state.given && !given) return again();
          await restore(training, autosave, state, config, given);
          autosave.supersede(key);
        } catch (error) {
          again();
          throw error;
        }
      }),
  };
}
