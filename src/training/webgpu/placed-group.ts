import type { Split } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import { largestStorage, Memory } from "../../gpu/memory.ts";
import { chooseForm, type FormName } from "../../kernels/forms.ts";
import { parameterLayout } from "../../kernels/lib/layout.ts";
import { type KernelCall, KernelLibrary } from "../../kernels/lib/library.ts";
import { mostNetworks, StepBuffer } from "../../kernels/lib/steps.ts";
import { batchMetrics, stepMetricsBytes } from "../../kernels/loss.ts";
import type { OptimizerStep } from "../../kernels/optimizers/optimizer-step.ts";
import type { Sizes } from "../../model/parameters.ts";
import type { StepSettings } from "../../model/settings.ts";
import { slotsOf } from "../../model/slots.ts";
import { changesImages } from "../../reference/augment.ts";
import { checkSplit } from "../engine/engine-checks.ts";
import { Evaluator } from "./evaluator.ts";
import type { Network } from "./network.ts";
import { checkLimits, planForms } from "./plan.ts";
import { fitsResident, type Placement, type Samples, staysResident } from "./samples.ts";
import { stepCapacity } from "./submissions.ts";
import { placeTraining, planStep, trainingStep } from "./training-step.ts";

export interface WebGpuGroupOptions extends Placement {
  readonly gpu: Gpu;
  readonly sizes: Sizes;
  /**
   * What a training step of each network does. They agree in whatever decides about buffers and texts: activation, optimizer,
   * whether an average is kept, whether images are deskewed or changed, label smoothing.
   */
  readonly settings: readonly StepSettings[];
  /** The form of the kernels; `auto`, the default, is the one that suits the adapter. */
  readonly kernels?: FormName | "auto";
}

/** A group in its memory, whose kernels are yet to be compiled. */
export interface PlacedGroup {
  readonly network: Network;
  readonly slots: OptimizerStep["slots"];
  /** The parameters that evaluations use. */
  readonly evaluated: GPUBuffer;
  readonly evaluator: Evaluator;
  readonly samples: Samples;
  /** The commands of one step: forward, gradient, backward, update. */
  readonly step: readonly KernelCall[];
  readonly steps: StepBuffer;
  /** Sums what the steps measured, once a submission. */
  readonly metrics: KernelCall;
  readonly stepMetrics: GPUBuffer;
}

/** Puts networks into `memory`, which is for as many. */
export function placeGroup(options: WebGpuGroupOptions, memory: Memory): PlacedGroup {
  const { gpu, sizes, batchSize, kernels, settings, train } = options;
  const [first] = settings;
  const layout = parameterLayout(sizes);
  const forms = planForms(layout, chooseForm(gpu, kernels), batchSize);
  const library = new KernelLibrary(gpu);
  const network: Network = {
    library,
    memory,
    layout,
    parameters: memory.storageOfEach("parameters", layout.bytes),
    activation: first.activation,
    forms,
    placeImages: forms[0].imagesLike(train),
  };
  const slots = Object.fromEntries(
    slotsOf(first).map((slot) => [slot, memory.storageOfEach(slot, layout.bytes)]),
  );
  const room = placeTraining(network, options, changesImages(first));
  const plans = settings.map((own) => trainingStep(planStep(network, room, train, own, slots)));
  const capacity = stepCapacity(settings.length);
  const steps = new StepBuffer(memory, library, capacity + 1);
  const stepMetrics = memory.storageOfEach("metrics of steps", capacity * stepMetricsBytes);
  const { samples, sampleMetrics } = room;
  const metrics = batchMetrics(capacity, { ...samples, sampleMetrics }, steps, stepMetrics);
  const evaluated = slots.average ?? network.parameters;
  return {
    network,
    slots,
    evaluated,
    evaluator: new Evaluator({ ...network, parameters: evaluated }, steps),
    samples,
    step: plans[0].map((_, index) =>
      library.mapOver(
        memory,
        plans.map((calls) => calls[index]),
      ),
    ),
    steps,
    metrics: library.mapOver(
      memory,
      settings.map(() => metrics),
    ),
    stepMetrics,
  };
}

/** Parameters of networks that software adapters train together: a processor's cache holds them from one dispatch to the next. */
const cacheBytes = 3 << 20;

/**
 * How many networks with settings like these can be trained together in `bytes` of the adapter's memory, and within its limits;
 * at least one.
 * @param watched the images by which they are evaluated
 */
export async function networksThatFit(
  { settings, ...options }: Omit<WebGpuGroupOptions, "settings"> & { readonly settings: StepSettings },
  watched: Split,
  bytes: number,
): Promise<number> {
  const { device } = options.gpu;
  checkSplit(options.train, options.sizes);
  checkLimits(device.limits, options.sizes, { ...settings, batchSize: options.batchSize });
  // What is streamed is streamed in one network's order.
  if (!staysResident(device.limits, options) || !fitsResident(device.limits, watched)) return 1;
  // Whether the adapter has so much is a question here, no failure.
  const filters = ["validation", "out-of-memory"] as const;
  for (const filter of filters) device.pushErrorScope(filter);
  let fitting: number;
  let failures: Promise<(GPUError | null)[]>;
  try {
    fitting = fittingLike({ ...options, settings: [settings, settings] }, bytes);
  } finally {
    failures = Promise.all(filters.map(() => device.popErrorScope()));
  }
  return (await failures).some((failure) => failure) ? 1 : fitting;
}

/** How many fit, as two of them tell that are placed for it without being compiled; one, if not even two do by the limits. */
function fittingLike(options: WebGpuGroupOptions, bytes: number): number {
  const { gpu, sizes } = options;
  const memory = new Memory(gpu.device, 2);
  try {
    placeGroup(options, memory);
    const each = memory.ofEachNetwork;
    const { limits } = gpu.device;
    const largest = largestStorage(limits) / each.largest;
    const fitting = (bytes - (memory.bytes - 2 * each.bytes)) / each.bytes;
    const cached = gpu.software ? cacheBytes / parameterLayout(sizes).bytes : fitting;
    const fewest = Math.min(fitting, cached, largest, mostNetworks, limits.maxComputeWorkgroupsPerDimension);
    return Math.max(1, Math.floor(fewest));
  } catch (error) {
    if (error instanceof UserError) return 1;
    throw error;
  } finally {
    memory.destroy();
  }
}
