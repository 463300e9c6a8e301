import type { Dataset } from "../data/dataset.ts";
import { withOwn } from "../data/mix.ts";
import { UserError } from "../errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { networkName, type Parameters, type Sizes } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { createTrainerOn, networkSizes } from "../training/create-trainer.ts";
import { initialSnapshot, type Snapshot } from "../training/snapshot.ts";
import type { Trainer } from "../training/trainer.ts";
import { checkLimits } from "../training/webgpu/plan.ts";
import { createWebGpuEngine } from "../training/webgpu/webgpu-engine.ts";
import type { GivenData } from "./data/given.ts";
import type { DataProgress, LoadedData } from "./data/load.ts";
import { openDevice } from "./device.ts";
import type { Mix } from "./own/own-digit.ts";
import { fits, splitOf } from "./own/own-digits.ts";
import { RunRecord } from "./record.ts";
import { Signal } from "./signal.ts";
import type { BackgroundFunctions } from "./workers/background.ts";
import { type WorkerCalls, WorkerScriptError } from "./workers/calls.ts";
import { createWorkerCpuEngine } from "./workers/cpu-engine.ts";

/** Weights that a network starts with instead of new ones. */
export interface Origin {
  readonly parameters: Parameters;
  /** The file that they come from, or where else. */
  readonly file?: string | undefined;
}

/** What a network begins with: new weights, if nothing else is given. */
export interface Beginning {
  readonly origin?: Origin | undefined;
  /** Settings that it needs. */
  readonly changes?: Partial<Config> | undefined;
  /** Training to go on with. */
  readonly snapshot?: Snapshot | undefined;
  /** What that training measured so far. */
  readonly record?: RunRecord | undefined;
  /** The user's own data; undefined for what the config asks for. */
  readonly given?: GivenData | undefined;
  /** Digits of the user's own among the training images, where they fit the data. */
  readonly mix?: Mix | undefined;
  /** All images that there are, where they are not those that the config finds. */
  readonly data?: Dataset | undefined;
}

/** A beginning, or what finds it when it is needed. */
export type Begins = Beginning | (() => Beginning | Promise<Beginning>);

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
  /** What the data was made of, if it was the user's own. */
  readonly given: GivenData | undefined;
  /** Digits of the user's own that are among them, where they fit. */
  readonly mix: Mix | undefined;
  readonly record: RunRecord;
}

/** Makes trainers: finds the data and the device that a config needs, and draws the first weights. */
export class NetworkMaker {
  readonly dataProgressed = new Signal<DataProgress>();
  /** What is being done for the network under way, in words: shares are not known of it. */
  readonly staged = new Signal<string>();
  /** The data is not what one would expect: why, in words. */
  readonly dataNoted = new Signal<string>();
  readonly #background: WorkerCalls<BackgroundFunctions>;
  #loaded:
    | (LoadedData & {
        readonly of: Pick<Config, "dataset" | "transpose">;
        readonly given: GivenData | undefined;
      })
    | undefined;
  #mixed:
    | { readonly of: Dataset; readonly mix: Mix; readonly limit: number; readonly is: Dataset }
    | undefined;
  readonly #mix: Mix | undefined;

  /** @param mix digits of the user's own among the training images of networks that begin without saying */
  constructor(background: WorkerCalls<BackgroundFunctions>, mix?: Mix) {
    this.#background = background;
    this.#mix = mix;
  }

  /**
   * @param known a device that is open already, and what to begin with
   * @throws UserError if the data cannot be had, or the network does not fit the data or the device; NoGpuError
   */
  async make(config: Config, known: { gpu?: Gpu | undefined } & Beginning = {}): Promise<MadeNetwork> {
    const { origin, given, mix } = { mix: this.#mix, ...known };
    const gpu = config.backend === "webgpu" ? (known.gpu ?? (await openDevice())) : undefined;
    const dataset = known.data ?? (await this.data(config, given, mix));
    const sizes = networkSizes(config, dataset);
    // Before the weights are drawn: those of a network beyond the limits may not even fit into memory.
    if (gpu) checkLimits(gpu.device.limits, sizes, config);
    this.staged.emit("drawing the first weights");
    const snapshot =
      known.snapshot ?? initialSnapshot(origin?.parameters ?? (await this.#initialised(config, sizes)));
    this.staged.emit(gpu ? "compiling the kernels for the GPU" : "starting the reference engine");
    const trainer = await createTrainerOn({ config, dataset, snapshot }, (engine) =>
      gpu ? createWebGpuEngine({ gpu, ...engine }) : createWorkerCpuEngine(engine),
    );
    // Training that was finished may have kept other weights than its last ones.
    if (trainer.finished) await trainer.installBest();
    const record = known.record ?? recordOf(trainer, origin);
    return { trainer, snapshot, gpu, data: dataset, given, mix, record };
  }

  #initialised({ initialiser, seed }: Config, sizes: Sizes): Promise<Parameters> {
    return this.#background.call("initialise", { sizes, initialiser, seed });
  }

  /**
   * The data that a config asks for, or the user's own, with digits mixed in where they are of its kind.
   * @throws DataError
   */
  async data(config: Config, given: GivenData | undefined, mix: Mix | undefined): Promise<Dataset> {
    const dataset = await this.#load(config, given);
    if (!mix || !fits(dataset)) return dataset;
    const { limit } = config;
    const known = this.#mixed;
    const isSame = known?.mix.digits === mix.digits && known.mix.share === mix.share;
    if (isSame && known.of === dataset && known.limit === limit) return known.is;
    const is = withOwn(dataset, splitOf(mix.digits), mix.share, limit);
    this.#mixed = { of: dataset, mix, limit, is };
    return is;
  }

  async #load(config: Config, given: GivenData | undefined): Promise<Dataset> {
    const known = this.#loaded;
    if (known && known.given === given && serves(known, config)) return known.dataset;
    const { dataset: choice, limit, transpose } = config;
    const request = { choice, limit, transpose, given, base: new URL("data/", document.baseURI).href };
    const progress = (value: DataProgress) => this.dataProgressed.emit(value);
    this.staged.emit("finding the data");
    const loaded = await this.#background.call("loadData", request, progress).catch(asDataError);
    this.#loaded = { ...loaded, given, of: { ...config } };
    for (const note of loaded.notes) this.dataNoted.emit(note);
    return loaded.dataset;
  }
}

/** Whether data that was loaded for one config is that of another. */
function serves(
  {
    dataset,
    given,
    limited,
    of,
  }: LoadedData & { of: Pick<Config, "dataset" | "transpose">; given: GivenData | undefined },
  config: Config,
): boolean {
  if (of.transpose !== config.transpose) return false;
  if (given) return true;
  // Drawn digits may be fewer than all.
  const enough = !limited || (config.limit > 0 && config.limit <= dataset.train.count);
  return of.dataset === config.dataset && enough;
}

/** Errors come from a worker without their class. */
function asDataError(cause: unknown): never {
  // Without a worker nothing is known of the data.
  const isOfData = cause instanceof UserError && !(cause instanceof WorkerScriptError);
  throw isOfData ? new DataError(cause.message, { cause }) : cause;
}

/** An empty record for a network. */
function recordOf({ config, engine, step, stepsPerEpoch }: Trainer, origin: Origin | undefined): RunRecord {
  const record = new RunRecord({ ...config }, networkName(engine.sizes), stepsPerEpoch, origin?.file);
  // Training of another run that is gone on with, on other images.
  record.steered = step > 0;
  return record;
}
