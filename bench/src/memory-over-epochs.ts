import type { FormName } from "../../src/kernels/forms.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { findGpu, openFound } from "../../src/node/adapter.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import { napping } from "../../src/node/napping.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { TrainingEvent } from "../../src/training/events.ts";

export interface MemoryOverEpochs {
  readonly network: string;
  readonly dataset: string;
  /** Resident memory of the process after each epoch, in bytes. */
  readonly residentBytes: readonly number[];
}

/** Trains 784-10-10 as the command line does, the images resident, and notes the process's memory after each epoch. */
export async function memoryOverEpochs(options: {
  readonly epochs: number;
  readonly adapter?: string | undefined;
  readonly kernels?: FormName | undefined;
}): Promise<MemoryOverEpochs> {
  const { epochs, adapter, kernels } = options;
  const dataset = await loadDataset({ dataset: "auto", notice: () => {} }, { digits: { train: 20_480 } });
  const gpu = await openFound(await findGpu({ adapter }));
  const config = {
    ...defaultConfig,
    epochs,
    evaluateEvery: 1,
    residency: "resident" as const,
    ...(kernels && { kernels }),
  };
  const trainer = await napping(createTrainer({ config, dataset, gpu }));
  const residentBytes: number[] = [];
  const onEvent = ({ type }: TrainingEvent) => {
    if (type === "epoch") residentBytes.push(process.memoryUsage().rss);
  };
  await napping(trainer.run({ onEvent }));
  trainer.destroy();
  gpu.destroy();
  return { network: "784-10-10, batch 64", dataset: dataset.name, residentBytes };
}
