import "@tensorflow/tfjs-core/dist/register_all_gradients";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasmBinary from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url&inline";
import * as tf from "@tensorflow/tfjs-core";
import { countCorrect } from "../../../src/data/confusion.ts";
import type { Contender, ContenderOptions } from "../contender.ts";
import { batchIndices, gatherBatch, pieces, transposed } from "../host-data.ts";
import { Turns, type UnderWay } from "../waiting.ts";
import { adam, type BatchStart, initialParameters, type Workload } from "../workload.ts";

/**
 * TensorFlow.js by its core API, which does without the bookkeeping of layers and `fit`: variables, an optimizer of
 * `tf.train` and `minimize` in a `tidy`, nothing read back but the loss. What was compared to choose this is told in
 * bench/README.md.
 */
export async function create(
  { workload, host: data, adapter }: ContenderOptions,
  device: string,
): Promise<Contender> {
  if (!data) throw new Error("tfjs needs the images as floats");
  const webgpu = device === "webgpu";
  await openBackend(device);

  const { batchSize, learningRate } = workload;
  const { inputs, classes } = data;
  const resident = adapter !== undefined && !adapter.software;
  const pixels = resident ? tf.tensor2d(data.images, [data.images.length / inputs, inputs]) : undefined;
  const labels = resident ? tf.tensor1d(data.labels, "int32") : undefined;
  const { variables, logits } = networkOf(workload);
  const optimizer =
    workload.optimizer === "sgd"
      ? tf.train.sgd(learningRate)
      : tf.train.adam(learningRate, adam.beta1, adam.beta2, adam.epsilon);
  const turns = new Turns();
  let order = new Uint32Array();
  const batch = (first: BatchStart): { x: tf.Tensor2D; y: tf.Tensor2D } => {
    const indices = batchIndices(order, first, batchSize);
    if (pixels && labels) {
      const where = tf.tensor1d(Int32Array.from(indices), "int32");
      return { x: tf.gather(pixels, where), y: tf.oneHot(tf.gather(labels, where), classes) as tf.Tensor2D };
    }
    const { x, labels: some } = gatherBatch(data, indices);
    return {
      x: tf.tensor2d(x, [batchSize, inputs]),
      y: tf.oneHot(tf.tensor1d(some, "int32"), classes) as tf.Tensor2D,
    };
  };
  let newest: tf.Scalar | undefined;
  const step = (first: BatchStart): void => {
    newest?.dispose();
    newest = tf.tidy(() => {
      const { x, y } = batch(first);
      const meanLoss = () => tf.losses.softmaxCrossEntropy<tf.Tensor2D, tf.Scalar>(y, logits(x));
      return optimizer.minimize(meanLoss, true, variables)!;
    });
  };
  const newestLoss = () => {
    const kept = newest!;
    newest = undefined;
    return lossOf(kept);
  };

  return {
    device: webgpu ? (adapter?.description ?? "webgpu") : "WebAssembly with SIMD, one thread",
    setOrder: (indices) => {
      order = indices.slice();
    },
    async train(batches) {
      if (webgpu) {
        return turns.train(batches, (part) => {
          for (const first of part) step(first);
          submitPending();
          return newestLoss();
        });
      }
      const startedAt = performance.now();
      for (const first of batches) step(first);
      const hostMs = performance.now() - startedAt;
      return { loss: await newestLoss().loss(), hostMs };
    },
    async countCorrect(split) {
      let correct = 0;
      for (const { pixels, labels } of pieces(split)) {
        const predicted = tf.tidy(() => tf.argMax(logits(tf.tensor2d(pixels, [labels.length, inputs])), 1));
        correct += countCorrect(await predicted.data(), labels);
        predicted.dispose();
      }
      return correct;
    },
    destroy: () => {
      tf.dispose(variables);
    },
  };
}

/** Steps under way, of which the last one's loss is kept. */
function lossOf(kept: tf.Scalar): UnderWay {
  return {
    async loss() {
      const [loss] = await kept.data();
      kept.dispose();
      return loss;
    },
  };
}

/** tfjs gathers fifteen dispatches before it submits them: the last few would lie there until the loss is read. */
function submitPending(): void {
  const backend = tf.backend() as WebGPUBackend;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** Makes `device` tfjs's backend. */
async function openBackend(device: string): Promise<void> {
  // By data URL, which Node can fetch: the bundle needs no further file.
  // Node runs the one with SIMD and no threads, but every name wants a file.
  const files = [
    "tfjs-backend-wasm.wasm",
    "tfjs-backend-wasm-simd.wasm",
    "tfjs-backend-wasm-threaded-simd.wasm",
  ];
  setWasmPaths(Object.fromEntries(files.map((name) => [name, wasmBinary])), true);
  if (!(await tf.setBackend(device))) throw new Error(`tfjs has no ${device} here`);
  await tf.ready();
}

/** The network with its initial parameters: what is trained of it, and what it puts out for `x [batch, inputs]`. */
function networkOf(workload: Workload) {
  const layers = initialParameters(workload).map((layer) => ({
    w: tf.variable(tf.tensor2d(transposed(layer), [layer.inputs, layer.outputs])),
    b: tf.variable(tf.tensor1d(Float32Array.from(layer.bias))),
  }));
  const variables = layers.flatMap(({ w, b }) => [w, b]);
  const activate = workload.activation === "relu" ? tf.relu<tf.Tensor2D> : tf.sigmoid<tf.Tensor2D>;
  const logits = (x: tf.Tensor2D): tf.Tensor2D =>
    layers.reduce((input, { w, b }, index) => {
      const z: tf.Tensor2D = tf.add(tf.matMul(input, w as tf.Tensor2D), b);
      return index < layers.length - 1 ? activate(z) : z;
    }, x);
  return { variables, logits };
}
