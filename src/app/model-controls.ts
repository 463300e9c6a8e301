import { loadModel, modelExtensions, saveModel } from "./model-files.ts";
import { pickFiles } from "./pick.ts";
import { announce, toast } from "./toasts.ts";
import { fetchTrained } from "./trained-network.ts";
import type { Training } from "./training.ts";

/**
 * What buttons do with files of networks.
 * @param attempt does something that may be refused, and says so
 */
export function modelControls(training: Training, attempt: (work: () => Promise<void>) => Promise<void>) {
  const save = (format: "safetensors" | "onnx") =>
    void attempt(async () => announce(`Saved as ${await saveModel(training, format)}.`));
  /** Replaces the network by that of a file. */
  const loadFile = async (file: File) => {
    const loaded = await loadModel(training, file);
    if (loaded) toast(loaded);
  };
  return {
    loadFile,
    save: () => save("safetensors"),
    saveOnnx: () => save("onnx"),
    load: () =>
      void attempt(async () => {
        const [file] = await pickFiles({ accept: modelExtensions.join() });
        if (file) await loadFile(file);
      }),
    openTrained: () => void attempt(async () => loadFile(await fetchTrained())),
  };
}
