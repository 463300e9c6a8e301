import { UserError } from "../errors.ts";
import { DivergedError } from "../training/events.ts";
import { isDeviceFailure } from "./device.ts";
import { hideScreen, showDeviceFailure } from "./screens.ts";
import { announce, toast } from "./toasts.ts";
import type { Training } from "./training.ts";

/** Shows whatever goes wrong once the page runs: nothing fails silently. */
export function handleErrors(training: Training): void {
  const goOn = async () => {
    announce("Asking for the GPU again.");
    try {
      await training.recover();
      hideScreen();
    } catch (error) {
      showDeviceFailure(error, goOn);
    }
  };
  training.failed.listen((error) => {
    if (error instanceof DivergedError) toast(`${error.message} The last finite weights are kept.`, "error");
    else showDeviceFailure(error, goOn);
  });
  // What was dropped, or the lesson, has found a GPU.
  training.replaced.listen(hideScreen);
  training.recovered.listen(({ error, step }) => {
    const what = training.phase === "training" ? "training goes on from" : "its weights are those of";
    toast(`${error.message}. It was replaced, and ${what} step ${step}.`);
  });
  addEventListener("unhandledrejection", ({ reason }) => {
    // A lost device is heard of by `failed`; promises that nobody waits for any more fail with it.
    if (!isDeviceFailure(reason)) tell(reason);
  });
  addEventListener("error", ({ error }) => tell(error));
}

function tell(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  toast(
    error instanceof UserError ? text : `A mistake in this page: ${text}. Reloading it may help.`,
    "error",
  );
}
