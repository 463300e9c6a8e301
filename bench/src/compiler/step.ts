import type { Split } from "../../../src/data/dataset.ts";
import { vectorBytes } from "../../../src/kernels/lib/layout.ts";
import type { Sizes } from "../../../src/model/parameters.ts";
import { defaultConfig, type StepSettings } from "../../../src/model/settings.ts";
import { createWebGpuEngine } from "../../../src/training/webgpu/webgpu-engine.ts";
import { type BoundBuffer, type RecordedDispatch, type RecordedPipeline, Recorder } from "./recorder.ts";

/** A network and how it is trained. */
export interface Case {
  readonly name: string;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly settings?: StepSettings;
}

/** What one step runs of a kernel on one shape. */
export interface StepKernel {
  readonly pipeline: RecordedPipeline;
  /** In one dispatch. */
  readonly workgroups: number;
  /** Dispatches in a step: less than one where a dispatch computes several. */
  readonly times: number;
  /** Invocations of a workgroup. */
  readonly workgroupSize: number;
  /** What the loops of one dispatch are there for, as far as that is known. */
  readonly work?: { readonly of: "multiplyAdds" | "loads"; readonly count: number };
  /** Bytes of memory that one dispatch moves, if everything that it has bound is read once, and what it may write is written once. */
  readonly bytes: number;
}

/** What one training step consists of on a GPU. */
export interface RecordedStep {
  readonly kernels: readonly StepKernel[];
  readonly dispatches: number;
  readonly bytes: number;
  /** Calls by which the host encodes it. */
  readonly calls: number;
}

/** Steps of the submission that is looked at: a form may compute many of them in one dispatch. */
const mostSteps = 256;
const mostSamples = 1 << 16;

/** Buffers that hold every sample of the data: a step touches its mini-batch of them. */
const ofAllSamples = /^(training (images|labels|order)|metrics of samples)/;
/** Buffers that hold every layer. */
const ofAllLayers = /^(parameters|momentum|secondMoment|average)$/;

/**
 * What a step of `network` dispatches on a GPU with `limits` and `features`, which need not be there.
 * WebGPU's names (`GPUBufferUsage` and so on) must be global.
 */
export async function recordStep(
  network: Case,
  limits: Readonly<Record<string, number>>,
  features: readonly GPUFeatureName[],
): Promise<RecordedStep> {
  const { sizes, batchSize, settings = defaultConfig } = network;
  const steps = Math.min(mostSteps, Math.floor(mostSamples / batchSize));
  const recorder = new Recorder(limits, features);
  const train = blank(steps * batchSize, sizes[0]);
  const { gpu } = recorder;
  const engine = await createWebGpuEngine({ gpu, sizes, batchSize, train, settings, residency: "resident" });
  engine.setOrder(Uint32Array.from({ length: train.count }, (_, index) => index));
  engine.train(
    Array.from({ length: steps }, (_, index) => {
      return { first: index * batchSize, size: batchSize, number: index + 1, learningRate: 0.1 };
    }),
  );
  engine.destroy();
  // Sums what a whole submission measured.
  const dispatches = recorder.dispatches.filter(({ pipeline }) => pipeline.label !== "batch_metrics");
  const kernels = grouped(dispatches).map(({ first, count }) =>
    kernelOf(first, count / steps, batchSize, steps),
  );
  return {
    kernels,
    dispatches: dispatches.length / steps,
    bytes: kernels.reduce((sum, { bytes, times }) => sum + times * bytes, 0),
    calls: recorder.calls / steps,
  };
}

/** Images without ink: how they look changes nothing here. */
function blank(count: number, pixels: number): Split {
  return {
    images: new Uint8Array(count * pixels),
    labels: new Uint8Array(count),
    count,
    rows: 1,
    columns: pixels,
  };
}

/** Equal dispatches together, in the order in which they first come. */
function grouped(dispatches: readonly RecordedDispatch[]): { first: RecordedDispatch; count: number }[] {
  const groups: { first: RecordedDispatch; count: number }[] = [];
  for (const dispatch of dispatches) {
    const same = groups.find(
      ({ first }) => first.pipeline === dispatch.pipeline && first.workgroups === dispatch.workgroups,
    );
    if (same) same.count++;
    else groups.push({ first: dispatch, count: 1 });
  }
  return groups;
}

function kernelOf(dispatch: RecordedDispatch, times: number, batchSize: number, steps: number): StepKernel {
  const { pipeline, workgroups, buffers } = dispatch;
  const work = workOf(pipeline, batchSize);
  const bytesOf = ({ label, bytes, written }: BoundBuffer) => {
    const share = ofAllSamples.test(label)
      ? bytes / steps
      : Math.min(bytes, shareOfLayer(label, pipeline, batchSize));
    return written ? 2 * share : share;
  };
  return {
    pipeline,
    workgroups,
    times,
    workgroupSize: pipeline.constants.WORKGROUP,
    ...(work && { work }),
    bytes: buffers.reduce((sum, buffer) => sum + bytesOf(buffer), 0),
  };
}

/** Bytes that the layer of a kernel has of a buffer for all layers, by the kernel's constants; unlimited for other buffers. */
function shareOfLayer(label: string, pipeline: RecordedPipeline, batchSize: number): number {
  const { INPUT_VECTORS: inputs, OUTPUT_VECTORS: outputs } = pipeline.constants;
  if (ofAllLayers.test(label) && inputs && outputs) return 4 * outputs * (inputs + 1) * vectorBytes;
  const vectors = partialVectors(pipeline);
  return label.startsWith("partial sums") && vectors
    ? batchSize * vectors * vectorBytes
    : Number.POSITIVE_INFINITY;
}

/** Vectors of partial sums of one sample; 0 if a kernel has none. */
function partialVectors({ label, constants }: RecordedPipeline): number {
  const { INPUT_VECTORS: inputs, OUTPUT_VECTORS: outputs, SLICES: slices = 0 } = constants;
  return slices * ((label.startsWith("backward") ? inputs : outputs) ?? 0);
}

/** Multiply-adds of the product that a kernel computes, by its name and constants, rows being whole vectors; or loads of partial sums. */
function workOf(pipeline: RecordedPipeline, batchSize: number): StepKernel["work"] {
  const { label, constants } = pipeline;
  const { INPUT_VECTORS: inputs, OUTPUT_VECTORS: outputs } = constants;
  const isProduct = /^(forward|backward|update)(?!_partials)/.test(label);
  if (isProduct && inputs && outputs) return { of: "multiplyAdds", count: batchSize * 16 * inputs * outputs };
  const loads = partialVectors(pipeline) * batchSize;
  return loads > 0 ? { of: "loads", count: loads } : undefined;
}
