import type { Config } from "../model/settings.ts";
import type { Autosave } from "./autosave/autosave.ts";
import { restore } from "./autosave/restore.ts";
import type { SavedState } from "./autosave/state-file.ts";
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
  /** Goes on with training that an earlier visit left. */
  goOn(state: SavedState, config: Config): void;
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
    goOn: (state, config) => {
      const goOn = (given?: GivenData) => restore(training, autosave, state, config, given);
      if (!state.given) return void attempt(goOn);
      askAgain(
        state.given,
        (work) => void attempt(work),
        goOn,
        () => autosave.dismiss(),
      );
    },
  };
}

/** Asks for the data that autosaved training needs: a page cannot open files again by itself. */
function askAgain(
  { name, as }: Pick<GivenData, "name" | "as">,
  attempt: (work: () => Promise<void>) => void,
  goOn: (given: GivenData) => Promise<void>,
  dismissed: () => void,
): void {
  const act = () =>
    attempt(async () => {
      const given = await chooseData(as);
      if (!given) return ask();
      await goOn(given).catch((error) => {
        ask();
        throw error;
      });
    });
  const ask = () =>
    toast(`It was trained on your own data: open ${name} again to go on.`, "info", {
      choices: [{ label: as === "folder" ? "Open the folder" : "Open the files", act }],
      dismissed,
    });
  ask();
}
