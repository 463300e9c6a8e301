import type { Dataset } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { networkName, type Parameters, type Sizes } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { createTrainer, networkSizes } from "../training/create-trainer.ts";
import { checkLimits } from "../training/plan.ts";
import { initialSnapshot, type Snapshot } from "../training/snapshot.ts";
import type { Trainer } from "../training/trainer.ts";
import type { DataProgress } from "./data/load.ts";
import { openDevice } from "./device.ts";
import { RunRecord } from "./record.ts";
import { Signal } from "./signal.ts";
import type { BackgroundFunctions } from "./workers/background.ts";
import type { WorkerCalls } from "./workers/calls.ts";
import { createWorkerCpuEngine } from "./workers/cpu-engine.ts";

/** Weights that a network starts with instead of new ones. */
export interface Origin {
  readonly parameters: Parameters;
  /** The file that they come from. */
  readonly file?: string;
}

/** What a network begins with: new weights, if nothing else is given. */
export interface Beginning {
  readonly origin?: Origin | undefined;
  /** Training to go on with. */
  readonly snapshot?: Snapshot | undefined;
  /** What that training measured so far. */
  readonly record?: RunRecord | undefined;
}

/** The data that the config asks for cannot be had. */
export class DataError extends UserError {
  override name = "DataError";
}

export interface MadeNetwork {
  readonly trainer: Trainer;
  /** What the trainer begins with. */
  readonly snapshot: Snapshot;
  readonly gpu: Gpu | undefined;
  /** All images that there are, whatever the config makes of them. */
  readonly data: Dataset;
  readonly record: RunRecord;
}

/** Makes trainers: finds the data and the device that a config needs, and draws the first weights. */
export class NetworkMaker {
  readonly dataProgressed = new Signal<DataProgress>();
  /** The data is not what one would expect: why, in words. */
  readonly dataNoted = new Signal<string>();
  readonly #background: WorkerCalls<BackgroundFunctions>;
  #dataset: Dataset | undefined;
  /** What the data depends on beside the number of images, as it was when it was loaded. */
  #loadedFor = "";

  constructor(background: WorkerCalls<BackgroundFunctions>) {
    this.#background = background;
  }

  /**
   * @param known a device that is open already, and what to begin with
   * @throws UserError if the data cannot be had, or the network does not fit the data or the device; NoGpuError
   */
  async make(config: Config, known: { gpu?: Gpu | undefined } & Beginning = {}): Promise<MadeNetwork> {
    const { origin } = known;
    const gpu = config.backend === "webgpu" ? (known.gpu ?? (await openDevice())) : undefined;
    const dataset = await this.data(config);
    const sizes = networkSizes(config, dataset);
    // Before the weights are drawn: those of a network beyond the limits may not even fit into memory.
    if (gpu) checkLimits(gpu.device.limits, sizes, config.batchSize);
    const snapshot =
      known.snapshot ?? initialSnapshot(origin?.parameters ?? (await this.#initialised(config, sizes)));
    const trainer = await createTrainer({
      config,
      dataset,
      snapshot,
      cpuEngine: createWorkerCpuEngine,
      ...(gpu && { gpu }),
    });
    // Training that was finished may have kept other weights than its last ones.
    if (trainer.finished) await trainer.installBest();
    const record = known.record ?? recordOf(trainer, origin);
    return { trainer, snapshot, gpu, data: dataset, record };
  }

  #initialised({ initialiser, seed }: Config, sizes: Sizes): Promise<Parameters> {
    return this.#background.call("initialise", { sizes, initialiser, seed });
  }

  /**
   * The data that a config asks for.
   * @throws DataError
   */
  async data({ dataset: choice, limit, transpose }: Config): Promise<Dataset> {
    const wanted = JSON.stringify({ choice, transpose });
    if (this.#dataset && this.#loadedFor === wanted && holds(this.#dataset, limit)) return this.#dataset;
    const base = new URL("data/", document.baseURI).href;
    const progress = (value: DataProgress) => this.dataProgressed.emit(value);
    const loaded = await this.#background
      .call("loadData", { choice, limit, transpose, base }, progress)
      .catch(asDataError);
    this.#dataset = loaded.dataset;
    this.#loadedFor = wanted;
    if (loaded.note) this.dataNoted.emit(loaded.note);
    return loaded.dataset;
  }
}

/** Errors come from a worker without their class. */
function asDataError(cause: unknown): never {
  throw cause instanceof UserError ? new DataError(cause.message, { cause }) : cause;
}

/** Whether the data set has the training images that a limit asks for. Drawn digits may be fewer than all. */
function holds({ train }: Dataset, limit: number): boolean {
  return train.count >= 60_000 || (limit > 0 && limit <= train.count);
}

/** An empty record for a network. */
function recordOf({ config, engine, stepsPerEpoch }: Trainer, origin: Origin | undefined): RunRecord {
  return new RunRecord({ ...config }, networkName(engine.sizes), stepsPerEpoch, origin?.file);
}
