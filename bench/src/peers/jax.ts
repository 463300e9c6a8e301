import {
  blockUntilReady,
  defaultDevice,
  init,
  type Array as JaxArray,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import type { Contender, ContenderOptions } from "../contender.ts";
import { batchIndices, countMatches, gatherBatch, type HostData, pieces, transposed } from "../host-data.ts";
import { sleepThrough } from "../waiting.ts";
import { initialParameters, type Workload } from "../workload.ts";

// A type, not an interface: jax-js takes trees of arrays by structural typing.
type Layer = { w: JaxArray; b: JaxArray };

/**
 * Steps that are handed over before they are waited for: jax-js submits nothing until somebody asks for a result, and
 * its documentation says to do so regularly. Of 1, 4, 10 and 30, compared once on a busy machine, this was near the fastest.
 */
const stepsBetweenWaits = 10;

/**
 * jax-js as its documentation recommends: the whole step, loss and gradient and update, is one jitted function, arrays
 * are freed by reference counts, and nothing is read back but the last loss.
 *
 * Two choices follow what was measured to be faster for it. Weights lie `[inputs, outputs]` on WebGPU and, twice as
 * fast there, `[outputs, inputs]` on WebAssembly. Where the CPU computes, the mini-batch is gathered on the host: the
 * jitted gather is evaluated anew in each kernel that reads the batch. On a GPU the images are resident.
 */
export async function create(
  { workload, host, adapter }: ContenderOptions,
  device: string,
): Promise<Contender> {
  if (!host) throw new Error("jax-js needs the images as floats");
  const webgpu = device === "webgpu";
  const jaxDevice = webgpu ? "webgpu" : "wasm";
  const available = await init(jaxDevice);
  if (!available.includes(jaxDevice)) throw new Error(`jax-js has no ${jaxDevice} here`);
  defaultDevice(jaxDevice);

  const { batchSize } = workload;
  const { stepOnBatch, stepOnIndices, predict } = programs(workload, !webgpu);
  const images = adapter && !adapter.software ? resident(host) : undefined;
  let params = initialLayers(workload, !webgpu);
  let order = new Uint32Array();
  const step = (first: number): JaxArray => {
    const indices = batchIndices(order, first, batchSize);
    let loss: JaxArray;
    if (images) {
      const where = np.array(Int32Array.from(indices));
      [params, loss] = stepOnIndices(params, images.pixels.ref, images.targets.ref, where);
    } else {
      const { x, y } = gatherBatch(host, indices);
      const pixels = np.array(x).reshape([batchSize, -1]);
      [params, loss] = stepOnBatch(params, pixels, np.array(y).reshape([batchSize, -1]));
    }
    return loss;
  };

  return {
    device: webgpu ? (adapter?.description ?? "webgpu") : "WebAssembly, one thread",
    setOrder: (indices) => {
      order = indices.slice();
    },
    async train(batches, expectedMs) {
      const expectedStepMs = expectedMs / batches.length;
      let hostMs = 0;
      let waitedMs = 0;
      let last: JaxArray | undefined;
      for (let done = 0; done < batches.length; done += stepsBetweenWaits) {
        const group = batches.slice(done, done + stepsBetweenWaits);
        const startedAt = performance.now();
        for (const first of group) {
          last?.dispose();
          last = step(first);
        }
        hostMs += performance.now() - startedAt;
        if (webgpu) await sleepThrough(expectedStepMs * group.length, startedAt);
        const wokeAt = performance.now();
        await blockUntilReady(params);
        waitedMs += performance.now() - wokeAt;
      }
      const [loss] = await last!.data();
      return { loss, hostMs, ...(webgpu && { waitedMs }) };
    },
    async countCorrect(split) {
      let correct = 0;
      for (const { pixels, labels } of pieces(split)) {
        const x = np.array(pixels).reshape([labels.length, -1]);
        correct += countMatches(await predict(tree.ref(params), x).data(), labels);
      }
      return correct;
    },
    destroy: () => tree.dispose(params),
  };
}

/**
 * What is jitted: a step on a mini-batch, a step on images chosen by their indices, and classification.
 * @param byOutput whether weights lie `[outputs, inputs]`
 */
function programs({ batchSize, learningRate }: Workload, byOutput: boolean) {
  const logits = (layers: Layer[], x: JaxArray): JaxArray =>
    layers.reduce((input, { w, b }, index) => {
      const z = np.dot(input, byOutput ? w.transpose() : w).add(b);
      return index < layers.length - 1 ? nn.sigmoid(z) : z;
    }, x);
  const meanLoss = (layers: Layer[], x: JaxArray, y: JaxArray) => {
    const likelihood = nn.logSoftmax(logits(layers, x)).mul(y).sum();
    return likelihood.mul(-1 / batchSize);
  };
  const update = (layers: Layer[], x: JaxArray, y: JaxArray): [Layer[], JaxArray] => {
    const [loss, gradient] = valueAndGrad(meanLoss)(tree.ref(layers), x, y) as [JaxArray, Layer[]];
    const updated = layers.map(({ w, b }, index) => ({
      w: w.sub(gradient[index].w.mul(learningRate)),
      b: b.sub(gradient[index].b.mul(learningRate)),
    }));
    return [updated, loss];
  };
  return {
    stepOnBatch: jit(update),
    stepOnIndices: jit((layers: Layer[], pixels: JaxArray, targets: JaxArray, indices: JaxArray) =>
      update(layers, pixels.slice(indices.ref), targets.slice(indices)),
    ),
    predict: jit((layers: Layer[], x: JaxArray) => np.argmax(logits(layers, x), 1)),
  };
}

function initialLayers(workload: Workload, byOutput: boolean): Layer[] {
  return initialParameters(workload).map((layer) => ({
    w: byOutput
      ? np.array(Float32Array.from(layer.weight)).reshape([layer.outputs, layer.inputs])
      : np.array(transposed(layer)).reshape([layer.inputs, layer.outputs]),
    b: np.array(Float32Array.from(layer.bias)),
  }));
}

/** All training images on the device. */
function resident({ images, targets, inputs, classes }: HostData): { pixels: JaxArray; targets: JaxArray } {
  return {
    pixels: np.array(images).reshape([-1, inputs]),
    targets: np.array(targets).reshape([-1, classes]),
  };
}
