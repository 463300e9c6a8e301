import "@tensorflow/tfjs-core/dist/register_all_gradients";
import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasmBinary from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url&inline";
import * as tf from "@tensorflow/tfjs-core";
import type { Contender, ContenderOptions } from "../contender.ts";
import { batchIndices, countMatches, gatherBatch, pieces, transposed } from "../host-data.ts";
import { sleepThrough } from "../waiting.ts";
import { initialParameters } from "../workload.ts";

/**
 * TensorFlow.js by its core API, which does without the bookkeeping of layers and `fit`: variables, `tf.train.sgd` and
 * `minimize` in a `tidy`, nothing read back but the last loss. Where the CPU computes, the mini-batch is gathered on
 * the host, as that is faster; on a GPU the images are resident and gathered there.
 */
export async function create(
  { workload, host: data, adapter }: ContenderOptions,
  device: string,
): Promise<Contender> {
  if (!data) throw new Error("tfjs needs the images as floats");
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

  const { batchSize, learningRate } = workload;
  const { inputs, classes } = data;
  const resident = adapter !== undefined && !adapter.software;
  const pixels = resident ? tf.tensor2d(data.images, [data.images.length / inputs, inputs]) : undefined;
  const targets = resident ? tf.tensor2d(data.targets, [data.targets.length / classes, classes]) : undefined;
  const layers = initialParameters(workload).map((layer) => ({
    w: tf.variable(tf.tensor2d(transposed(layer), [layer.inputs, layer.outputs])),
    b: tf.variable(tf.tensor1d(Float32Array.from(layer.bias))),
  }));
  const variables = layers.flatMap(({ w, b }) => [w, b]);
  const optimizer = tf.train.sgd(learningRate);

  const logits = (x: tf.Tensor2D): tf.Tensor2D =>
    layers.reduce((input, { w, b }, index) => {
      const z: tf.Tensor2D = tf.add(tf.matMul(input, w as tf.Tensor2D), b);
      return index < layers.length - 1 ? tf.sigmoid(z) : z;
    }, x);

  let order = new Uint32Array();
  const batch = (first: number): { x: tf.Tensor2D; y: tf.Tensor2D } => {
    const indices = batchIndices(order, first, batchSize);
    if (pixels && targets) {
      const where = tf.tensor1d(Int32Array.from(indices), "int32");
      return { x: tf.gather(pixels, where), y: tf.gather(targets, where) };
    }
    const { x, y } = gatherBatch(data, indices);
    return { x: tf.tensor2d(x, [batchSize, inputs]), y: tf.tensor2d(y, [batchSize, classes]) };
  };
  const step = (first: number): tf.Scalar =>
    tf.tidy(() => {
      const { x, y } = batch(first);
      const meanLoss = () => tf.losses.softmaxCrossEntropy<tf.Tensor2D, tf.Scalar>(y, logits(x));
      return optimizer.minimize(meanLoss, true, variables)!;
    });

  return {
    device: device === "webgpu" ? (adapter?.description ?? "webgpu") : "WebAssembly with SIMD, one thread",
    setOrder: (indices) => {
      order = indices.slice();
    },
    async train(batches, expectedMs) {
      const startedAt = performance.now();
      let last: tf.Scalar | undefined;
      for (const first of batches) {
        last?.dispose();
        last = step(first);
      }
      const hostMs = performance.now() - startedAt;
      if (device === "webgpu") await sleepThrough(expectedMs, startedAt);
      const wokeAt = performance.now();
      const [loss] = await last!.data();
      last!.dispose();
      return { loss, hostMs, ...(device === "webgpu" && { waitedMs: performance.now() - wokeAt }) };
    },
    async countCorrect(split) {
      let correct = 0;
      for (const { pixels, labels } of pieces(split)) {
        const predicted = tf.tidy(() => tf.argMax(logits(tf.tensor2d(pixels, [labels.length, inputs])), 1));
        correct += countMatches(await predicted.data(), labels);
        predicted.dispose();
      }
      return correct;
    },
    destroy: () => {
      tf.dispose(variables);
    },
  };
}
