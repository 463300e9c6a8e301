import type { Beginning, MadeNetwork } from "../../src/app/network-maker.ts";
import { RunRecord } from "../../src/app/record.ts";
import { Training } from "../../src/app/training.ts";
import { pageDefaults } from "../../src/app/url.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { UserError } from "../../src/errors.ts";
import { initialise } from "../../src/model/initialise.ts";
import { networkName } from "../../src/model/parameters.ts";
import type { Config } from "../../src/model/settings.ts";
import { createTrainer, networkSizes } from "../../src/training/create-trainer.ts";
import { initialSnapshot } from "../../src/training/snapshot.ts";

/* What trains on the page, without the page: small networks on the reference. */

const data = builtInDigits({ train: 40, test: 20 });
// Patience and keep-best are refused without validation images.
export const small: Config = {
  ...pageDefaults,
  ...{ backend: "cpu", hidden: [3], batchSize: 8, epochs: 2, limit: 40, validation: 5 },
};

/** Makes networks on the reference engine, each a while after it was asked for; none with more than 256 samples a step. */
export const maker = {
  data: async () => data,
  async make(config: Config, known: Beginning = {}): Promise<MadeNetwork> {
    await new Promise((wake) => setTimeout(wake));
    if (config.batchSize > 256) throw new UserError("more than this device can do");
    const dataset = known.data ?? data;
    const sizes = networkSizes(config, dataset);
    const parameters = known.origin?.parameters ?? initialise(sizes, config.initialiser, config.seed);
    const snapshot = known.snapshot ?? initialSnapshot(parameters);
    const trainer = await createTrainer({ config, dataset, snapshot });
    const fresh = new RunRecord({ ...config }, networkName(sizes), trainer.stepsPerEpoch, known.origin?.file);
    const { given, mix, record = fresh } = known;
    return { trainer, snapshot, gpu: undefined, data: dataset, given, mix, record };
  },
};

export const begin = async (config: Partial<Config> = {}) =>
  new Training(maker, await maker.make({ ...small, ...config }));

/** Resolves when training rests. */
export const rested = (training: Training) =>
  new Promise<void>((resolve) => {
    const look = () => training.phase === "idle" && training.work.tasks.length === 0 && resolve();
    training.phaseChanged.listen(look);
    training.work.changed.listen(look);
    look();
  });

export const trained = async (training: Training, until: "step" | "epoch" | "end" = "end") => {
  training.train(until);
  await rested(training);
};
