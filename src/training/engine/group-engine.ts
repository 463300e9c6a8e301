import type { Batch } from "../../data/batches.ts";
import type { Split } from "../../data/dataset.ts";
import type { OnKernelsReady } from "../../kernels/lib/steps.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { Inspection } from "../../reference/inspect.ts";
import type { Engine, Predictions, Scheduled, StepMetrics } from "./engine.ts";

/**
 * What computes several networks of one shape at once, each with its own parameters, order of images and schedule: an
 * `Engine` for many. The networks are trained in step with each other, and each comes out as if it had been trained alone, to
 * the last bit. What `Engine` says of ownership and order is so here too.
 */
export interface GroupEngine {
  readonly backend: Engine["backend"];
  /** What computes, in words. */
  readonly device: string;
  /** How many networks there are. */
  readonly networks: number;
  /** Widths of all layers of each network, input and output included. */
  readonly sizes: Sizes;
  /** The most samples that one step of each may have. */
  readonly batchSize: number;

  /** `setParameters` of one network, counted from 0. */
  setParameters(network: number, parameters: Parameters, slots?: Slots): void;
  /** Of every network, the parameters that `evaluate` and `predict` use. */
  readParameters(): Promise<Parameters[]>;
  /** Of every network, all that its steps change. */
  readStates(): Promise<TrainingState[]>;

  /** As `compileFor` of an `Engine`. */
  compileFor?(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void>;

  /** Sets the order in which each network visits the training images; all are of one length. */
  setOrders(orders: readonly Uint32Array[]): void;
  /** Starts `steps` of every network and returns at once. */
  train(steps: readonly GroupStep[]): GroupSubmission;

  /** What each network says of `split`. */
  evaluate(split: Split): Promise<Predictions[]>;
  /** Of each network, probabilities `[count, classes]` of images `[count, inputs]` given as bytes. */
  predict(images: Uint8Array): Promise<Float32Array[]>;
  /** `inspect` of one network, counted from 0. */
  inspect(
    network: number,
    images: Uint8Array,
    labels?: Uint8Array,
    of?: "training" | "evaluation",
  ): Promise<Inspection>;

  /** Gives everything back that was allocated: every call throws afterwards. */
  destroy(): void;
}

/** One step of every network: the same window, of each network's own order. */
export interface GroupStep extends Batch {
  /** Number of the step since training began, from 1. */
  readonly number: number;
  /** Of each network, `[networks]`. */
  readonly scheduled: readonly Scheduled[];
}

/** Steps of a group that are under way. */
export interface GroupSubmission {
  /** Resolves when the steps are done, with what each network's measured. */
  metrics(): Promise<StepMetrics[]>;
}

/** A group of engines of one network each, one after the other: the reference's, for example. It owns them. */
export function groupOf(engines: readonly Engine[]): GroupEngine {
  const [{ backend, device, sizes, batchSize }] = engines;
  const all = <T>(ask: (engine: Engine) => Promise<T>) => Promise.all(engines.map(ask));
  return {
    backend,
    device,
    networks: engines.length,
    sizes,
    batchSize,
    setParameters: (network, parameters, slots) => engines[network].setParameters(parameters, slots),
    readParameters: () => all((engine) => engine.readParameters()),
    readStates: () => all((engine) => engine.readState()),
    setOrders(orders) {
      for (const [network, engine] of engines.entries()) engine.setOrder(orders[network]);
    },
    train(steps) {
      const under = engines.map((engine, network) =>
        engine.train(steps.map(({ scheduled, ...step }) => ({ ...step, ...scheduled[network] }))),
      );
      return { metrics: () => Promise.all(under.map((submission) => submission.metrics())) };
    },
    evaluate: (split) => all((engine) => engine.evaluate(split)),
    predict: (images) => all((engine) => engine.predict(images)),
    inspect: (network, ...what) => engines[network].inspect(...what),
    destroy() {
      for (const engine of engines) engine.destroy();
    },
  };
}

/** The engine that a group of one network is. It owns the group. */
export function engineOf(group: GroupEngine): Engine {
  const { backend, device, sizes, batchSize } = group;
  const only = <T>([value]: readonly T[]): T => value;
  return {
    backend,
    device,
    sizes,
    batchSize,
    setParameters: (parameters, slots) => group.setParameters(0, parameters, slots),
    readParameters: () => group.readParameters().then(only),
    readState: () => group.readStates().then(only),
    ...(group.compileFor && { compileFor: group.compileFor.bind(group) }),
    setOrder: (order) => group.setOrders([order]),
    train(steps) {
      const submission = group.train(steps.map((step) => ({ ...step, scheduled: [step] })));
      return { metrics: () => submission.metrics().then(only) };
    },
    evaluate: (split) => group.evaluate(split).then(only),
    predict: (images) => group.predict(images).then(only),
    inspect: (...what) => group.inspect(0, ...what),
    destroy: () => group.destroy(),
  };
}
