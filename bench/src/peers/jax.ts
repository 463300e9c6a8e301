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
import { countCorrect } from "../../../src/data/confusion.ts";
import type { Contender, ContenderOptions } from "../contender.ts";
import { batchIndices, gatherBatch, type HostData, pieces, transposed } from "../host-data.ts";
import { Turns } from "../waiting.ts";
import { adam, type BatchStart, initialParameters, type Workload } from "../workload.ts";

// Types, not interfaces: jax-js takes trees of arrays by structural typing.
type Layer = { w: JaxArray; b: JaxArray };

/** What a step changes; the lists beside the layers are empty unless Adam fills them. */
type State = {
  layers: Layer[];
  /** Running means of the gradients and of their squares. */
  first: Layer[];
  second: Layer[];
  /** beta1 and beta2 to the power of the steps done. */
  powers: JaxArray[];
};

/** Steps between waits where the CPU computes: jax-js does nothing until somebody asks, and its bookkeeping grows. */
const stepsBetweenWaits = 10;

/**
 * jax-js as its documentation and its author's MNIST demo use it: the whole step, loss and gradient and update, is one
 * jitted function, arrays are freed by reference counts, labels become one-hot on the device, and nothing is read back
 * but the loss. What was compared to choose the rest is told in bench/README.md.
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
  const { stepOnBatch, stepOnIndices, predict } = programs(workload, host.classes, !webgpu);
  const images = adapter && !adapter.software ? resident(host) : undefined;
  let state = initialState(workload, !webgpu);
  const turns = new Turns();
  let order = new Uint32Array();
  let loss: JaxArray | undefined;
  const step = (first: BatchStart): void => {
    const indices = batchIndices(order, first, batchSize);
    loss?.dispose();
    if (images) {
      const where = np.array(Int32Array.from(indices));
      [state, loss] = stepOnIndices(state, images.pixels.ref, images.labels.ref, where);
    } else {
      const { x, labels } = gatherBatch(host, indices);
      [state, loss] = stepOnBatch(state, np.array(x).reshape([batchSize, -1]), np.array(labels));
    }
  };
  /** The loss of the newest step, to be waited for when later ones have taken its place. */
  const newestLoss = () => {
    const { ref } = loss!;
    return { loss: async () => (await ref.data())[0] as number };
  };

  return {
    device: webgpu ? (adapter?.description ?? "webgpu") : "WebAssembly, one thread",
    setOrder: (indices) => {
      order = indices.slice();
    },
    async train(batches) {
      if (webgpu) {
        return turns.train(batches, async (part) => {
          for (const first of part) step(first);
          // jax-js submits nothing until somebody asks for a result. This asks, and does not wait for it.
          await state.layers[0].w.ref.gpuBuffer();
          return newestLoss();
        });
      }
      const startedAt = performance.now();
      for (const [index, first] of batches.entries()) {
        step(first);
        if (index % stepsBetweenWaits === stepsBetweenWaits - 1) await blockUntilReady(state);
      }
      return { loss: await newestLoss().loss(), hostMs: performance.now() - startedAt };
    },
    async countCorrect(split) {
      let correct = 0;
      for (const { pixels, labels } of pieces(split)) {
        const x = np.array(pixels).reshape([labels.length, -1]);
        correct += countCorrect(await predict(tree.ref(state.layers), x).data(), labels);
      }
      return correct;
    },
    destroy: () => tree.dispose(state),
  };
}

/**
 * What is jitted: a step on a mini-batch, a step on images chosen by their indices, and classification.
 * @param byOutput whether weights lie `[outputs, inputs]`
 */
function programs(workload: Workload, classes: number, byOutput: boolean) {
  const { batchSize, activation } = workload;
  const activate = activation === "relu" ? nn.relu : nn.sigmoid;
  const update = updateOf(workload);
  const logits = (layers: Layer[], x: JaxArray): JaxArray =>
    layers.reduce((input, { w, b }, index) => {
      const z = np.dot(input, byOutput ? w.transpose() : w).add(b);
      return index < layers.length - 1 ? activate(z) : z;
    }, x);
  const meanLoss = (layers: Layer[], x: JaxArray, labels: JaxArray) => {
    const likelihood = nn.logSoftmax(logits(layers, x)).mul(nn.oneHot(labels, classes)).sum();
    return likelihood.mul(-1 / batchSize);
  };
  const step = (state: State, x: JaxArray, labels: JaxArray): [State, JaxArray] => {
    const [loss, gradient] = valueAndGrad(meanLoss)(tree.ref(state.layers), x, labels) as [JaxArray, Layer[]];
    return [update(state, gradient), loss];
  };
  return {
    stepOnBatch: jit(step),
    stepOnIndices: jit((state: State, pixels: JaxArray, labels: JaxArray, indices: JaxArray) =>
      step(state, pixels.slice(indices.ref), labels.slice(indices)),
    ),
    predict: jit((layers: Layer[], x: JaxArray) => np.argmax(logits(layers, x), 1)),
  };
}

/** Applies something to weights and biases of all layers. */
function mapLayers(
  work: (...arrays: JaxArray[]) => JaxArray,
  layers: readonly Layer[],
  ...others: Layer[][]
): Layer[] {
  return layers.map(({ w, b }, index) => ({
    w: work(w, ...others.map((other) => other[index].w)),
    b: work(b, ...others.map((other) => other[index].b)),
  }));
}

/** The optimizer's step. Adam is that of optax, whose counterpart for jax-js is not published. */
function updateOf({ optimizer, learningRate }: Workload): (state: State, gradient: Layer[]) => State {
  if (optimizer === "sgd") {
    return ({ layers, ...rest }, gradient) => ({
      ...rest,
      layers: mapLayers((value, slope) => value.sub(slope.mul(learningRate)), layers, gradient),
    });
  }
  const { beta1, beta2, epsilon } = adam;
  return (state, gradient) => {
    const first = mapLayers(
      (mean, slope) => mean.mul(beta1).add(slope.mul(1 - beta1)),
      state.first,
      tree.ref(gradient),
    );
    const second = mapLayers(
      (mean, slope) => mean.mul(beta2).add(np.square(slope).mul(1 - beta2)),
      state.second,
      gradient,
    );
    const [power1, power2] = [state.powers[0].mul(beta1), state.powers[1].mul(beta2)];
    const layers = mapLayers(
      (value, mean, square) => {
        const step = mean.div(np.subtract(1, power1.ref));
        const scale = np.sqrt(square.div(np.subtract(1, power2.ref))).add(epsilon);
        return value.sub(step.div(scale).mul(learningRate));
      },
      state.layers,
      tree.ref(first),
      tree.ref(second),
    );
    return { layers, first, second, powers: [power1, power2] };
  };
}

function initialState(workload: Workload, byOutput: boolean): State {
  const parameters = initialParameters(workload);
  const layers = parameters.map((layer) => ({
    w: byOutput
      ? np.array(Float32Array.from(layer.weight)).reshape([layer.outputs, layer.inputs])
      : np.array(transposed(layer)).reshape([layer.inputs, layer.outputs]),
    b: np.array(Float32Array.from(layer.bias)),
  }));
  if (workload.optimizer === "sgd") return { layers, first: [], second: [], powers: [] };
  const zeros = () => mapLayers((value) => np.zeros(value.shape), layers);
  return { layers, first: zeros(), second: zeros(), powers: [np.array(1), np.array(1)] };
}

/** All training images on the device. */
function resident({ images, labels, inputs }: HostData): { pixels: JaxArray; labels: JaxArray } {
  return { pixels: np.array(images).reshape([-1, inputs]), labels: np.array(labels) };
}
