import { epochsBegun, isLimited } from "../finished.ts";
import type { Beginning } from "../network-maker.ts";
import { pickFiles } from "../pick.ts";
import { announce } from "../toasts.ts";
import type { Training } from "../training.ts";
import { exportDigits, importDigits } from "./idx-files.ts";
import type { Mix } from "./own-digit.ts";
import type { OwnDigits } from "./own-digits.ts";

/** What the page does with digits of one's own. */
export interface OwnActions {
  /** Goes on training with these among the training images, or without any. */
  trainWith(mix: Mix | undefined): void;
  exportOwn(): void;
  importOwn(): void;
}

/** Epochs that training goes on for with other images when it was finished. */
const furtherEpochs = 2;

/** @param attempt does something that may be refused, and says so */
export function ownControls(
  training: Training,
  own: OwnDigits,
  attempt: (work: () => Promise<void>) => Promise<void>,
): OwnActions {
  return {
    trainWith: (mix) =>
      void attempt(async () => {
        await trainWith(training, own, mix);
        announce(mix ? "Training goes on with your digits." : "Training goes on without your digits.");
      }),
    exportOwn: () => announce(`Saved as ${exportDigits(own)}.`),
    importOwn: () =>
      void attempt(async () => {
        const files = await pickFiles({ multiple: "" });
        if (files.length > 0) own.add(await importDigits(files));
      }),
  };
}

/** Goes on training, as a run of its own, with drawn digits among the images; if that cannot be, with those there were. */
async function trainWith(training: Training, own: OwnDigits, mix: Mix | undefined): Promise<void> {
  const beginning = async (): Promise<Beginning> => {
    await training.pause();
    const { trainer, record } = training;
    const snapshot = await trainer.snapshot();
    const changes = {
      ...(trainer.stoppedEarly && { patience: 0 }),
      ...(isLimited(training) && { steps: 0 }),
    };
    const { parameters } = snapshot.state;
    return { snapshot, mix, changes, origin: { parameters, file: record.loadedFrom } };
  };
  await training.replace({}, beginning, "Your digits");
  own.keepMix(mix);
  if (training.trainer.finished) await training.change({ epochs: epochsBegun(training) + furtherEpochs });
  training.train();
}
