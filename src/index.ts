/// <reference lib="dom" preserve="true" />
/**
 * mnist-webgpu as a library: train multi-layer perceptrons with hand-written WGSL kernels, in Node and in the browser.
 *
 *     const gpu = await openGpu(await navigator.gpu.requestAdapter());
 *     const trainer = await createTrainer({ config: defaultConfig, dataset: builtInDigits(), gpu });
 *     await trainer.run({ until: "epoch", onEvent: console.log });
 *
 * Nothing here needs Node or the DOM. In Node, `create([])` of the `webgpu` package is what `navigator.gpu` is in a browser, and its
 * `globals` have to be made global before.
 */

export { type ConfusionMatrix, classResults, confusionMatrix } from "./data/confusion.ts";
export { type Dataset, firstImages, imageSize, type Split } from "./data/dataset.ts";
export { builtInDigits, type DigitsOptions, writeDigits } from "./data/digits.ts";
export { gunzip } from "./data/gzip.ts";
export { encodeImages, encodeLabels, makeDataset, makeSplit, parseImages, parseLabels } from "./data/idx.ts";
export { readMnist, unpackVerified, verify } from "./data/mnist.ts";
export { mnistManifest, mnistMirrors } from "./data/mnist-manifest.ts";
export { prepareImage } from "./data/prepare-image.ts";
export { UsageError, UserError } from "./errors.ts";
export { adapterName, DeviceLostError, type Gpu, isSoftware, openGpu } from "./gpu/gpu.ts";
export { type KernelResult, kernelNames, verifyKernels } from "./kernels/verify.ts";
export type { Activation } from "./model/activations.ts";
export { decodeAnyModel, type ModelFormat } from "./model/any-model.ts";
export { type Initialiser, initialise } from "./model/initialise.ts";
export { decodeJsonModel, encodeJsonModel } from "./model/json-model.ts";
export { activationOf, decodeModel, encodeModel, type Model, type ReadModel } from "./model/model-file.ts";
export { foldNormalisation, type Normalisation } from "./model/normalisation.ts";
export {
  encodeOnnx,
  encodeOnnxEnsemble,
  type OnnxEnsemble,
  type OnnxModel,
  onnxInput,
  onnxOutput,
} from "./model/onnx-file.ts";
export type { Optimizer } from "./model/optimizers.ts";
export {
  type LayerParameters,
  networkName,
  type Parameters,
  parameterCount,
  sizesOf,
} from "./model/parameters.ts";
export { type PresetName, presetConfig, presetNames, presets } from "./model/presets.ts";
export { decodeSafetensors, encodeSafetensors } from "./model/safetensors.ts";
export { type Config, changeSettings, defaultConfig, parseSetting, settings } from "./model/settings.ts";
export type { Inspection, LayerGradients, LayerInside, LossAndGradients } from "./reference/inspect.ts";
export { createTrainer, networkSizes, type TrainerOptions } from "./training/create-trainer.ts";
export { createCpuEngine } from "./training/engine/cpu-engine.ts";
export type {
  Engine,
  Predictions,
  Scheduled,
  StepMetrics,
  Submission,
  TrainingStep,
} from "./training/engine/engine.ts";
export type { GroupEngine, GroupStep, GroupSubmission } from "./training/engine/group-engine.ts";
export type { EpochSums } from "./training/epoch-sums.ts";
export {
  DivergedError,
  type EpochEvent,
  type Evaluation,
  type StepsEvent,
  type TrainingEvent,
} from "./training/events.ts";
export type { RunOptions } from "./training/run-options.ts";
export { learningRateAt, magnitudeAt, type ScheduleSettings } from "./training/schedule.ts";
export type { EpochScore, Selection } from "./training/selection.ts";
export type { Position, Snapshot } from "./training/snapshot.ts";
export type { NetworkState } from "./training/sweep/create-group-trainer.ts";
export type { EndEvent, NetworkEvent, Score } from "./training/sweep/group-network.ts";
export {
  createSweep,
  type NetworkEnd,
  type Sweep,
  type SweepOptions,
  type SweepProgress,
  type SweepRunOptions,
} from "./training/sweep/sweep.ts";
export type { Trainer } from "./training/trainer.ts";
export { checkLimits } from "./training/webgpu/plan.ts";
export { createWebGpuEngine, type WebGpuEngineOptions } from "./training/webgpu/webgpu-engine.ts";
