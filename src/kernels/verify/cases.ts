import { activations } from "../../reference/activations.ts";
import { backward as referenceBackward } from "../../reference/backward.ts";
import { batchMetrics as referenceBatchMetrics } from "../../reference/batch-metrics.ts";
import type { Tolerance } from "../../reference/compare.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { gather, gatherLabels } from "../../reference/gather.ts";
import { softmax as referenceSoftmax } from "../../reference/softmax.ts";
import { softmaxCrossEntropy as referenceSoftmaxCrossEntropy } from "../../reference/softmax-cross-entropy.ts";
import { update as referenceUpdate } from "../../reference/update.ts";
import type { Activation } from "../activation.ts";
import { backward } from "../backward.ts";
import { batchMetrics } from "../batch-metrics.ts";
import { forward } from "../forward.ts";
import { forwardTiled, partsTiled } from "../forward-tiled.ts";
import { forwardUnrolled, partsUnrolled } from "../forward-unrolled.ts";
import { head } from "../head.ts";
import type { LayerInput } from "../input.ts";
import { packParameters, parameterLayout, unpackParameters, vectors, vectorWidth } from "../layout.ts";
import { softmax } from "../softmax.ts";
import { sampleMetricsBytes, softmaxCrossEntropy } from "../softmax-cross-entropy.ts";
import { sumParts } from "../sum-parts.ts";
import { update } from "../update.ts";
import { updateTiled } from "../update-tiled.ts";
import { updateUnrolled } from "../update-unrolled.ts";
import { type KernelBench, padRows, TestData } from "./bench.ts";

/** What a kernel put out, beside what the reference says. */
export interface Outcome {
  readonly what: string;
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  readonly tolerance: Tolerance;
  /** Why this tolerance. */
  readonly reason: string;
}

/** One check of one kernel on one shape. */
export interface KernelCase {
  readonly kernel: string;
  readonly case: string;
  run(bench: KernelBench): Promise<Outcome[]>;
}

/** A sum of n float32 products is off by a few times sqrt(n) roundings of 6e-8, relative to its terms. */
const sums = (terms: number) => ({
  tolerance: { atol: 1e-6 + 3e-7 * Math.sqrt(terms), rtol: 1e-5 },
  reason: `float32 sums of ${terms} terms`,
});
const elementwise = { tolerance: { atol: 1e-6, rtol: 1e-5 }, reason: "float32 exp and log" };
const exact = { tolerance: { atol: 0, rtol: 0 }, reason: "integers" };

/** Shapes around the tile sizes of every kernel, and those of the article. */
const layerShapes = [
  { batch: 1, inputs: 1, outputs: 1 },
  { batch: 3, inputs: 5, outputs: 2 },
  { batch: 64, inputs: 784, outputs: 10 },
  { batch: 65, inputs: 63, outputs: 33 },
  { batch: 63, inputs: 65, outputs: 64 },
  { batch: 7, inputs: 130, outputs: 129 },
];
const shapeName = ({ batch, inputs, outputs }: (typeof layerShapes)[number]) =>
  `${batch} x ${inputs} -> ${outputs}`;
type LayerShape = (typeof layerShapes)[number];

/** The input of a layer, on the GPU and as the reference takes it; a window in the middle of a larger order. */
function layerInput(
  bench: KernelBench,
  data: TestData,
  kind: LayerInput["kind"],
  { batch, inputs }: LayerShape,
) {
  const first = 2;
  if (kind === "floats") {
    const values = data.normal(batch * inputs);
    const input: LayerInput = { kind, inputs: bench.uploadRows("inputs", values, inputs) };
    return { input, values, step: { first, size: batch } };
  }
  const count = 11;
  const images = data.bytes(count * inputs);
  const order = data.integers(first + batch, count);
  const stride = vectors(inputs) * vectorWidth;
  const padded = new Uint8Array(count * stride);
  for (let i = 0; i < count; i++) padded.set(images.subarray(i * inputs, (i + 1) * inputs), i * stride);
  const input: LayerInput = {
    kind,
    images: bench.upload("images", padded),
    order: bench.upload("order", order),
  };
  return {
    input,
    values: gather(images, order, { first, size: batch }, inputs),
    step: { first, size: batch },
  };
}

function forwardCase(
  shape: LayerShape,
  kind: LayerInput["kind"],
  activation: Activation,
  scale: number,
): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "forward",
    case: `${shapeName(shape)}, ${kind}, ${activation}${scale > 1 ? ", large" : ""}`,
    async run(bench) {
      const data = new TestData(inputs * outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const weight = data.normal(outputs * inputs, scale / Math.sqrt(inputs));
      const bias = data.normal(outputs, scale);
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      // One row more than the mini-batch has: a batch shorter than what the kernel was made for leaves it alone.
      const result = bench.outputRows("outputs", batch + 1, outputs);
      const call = forward(layer, activation, batch + 1, input, { parameters, outputs: result });
      const expected = padRows(
        Float32Array.from(referenceForward(values, weight, bias, shape, activation)),
        outputs,
      );
      const actual = new Float32Array(await bench.run(call, step, result)).subarray(0, expected.length);
      const { tolerance, reason } = sums(inputs);
      return [
        { what: "A", actual, expected, reason, tolerance: { ...tolerance, atol: tolerance.atol * scale } },
      ];
    },
  };
}

const partsForms = {
  forward_unrolled: { sums: forwardUnrolled, partsOf: partsUnrolled },
  forward_tiled: { sums: forwardTiled, partsOf: partsTiled },
};

/** The sums in parts, added up here in float64, are those of the reference without bias and activation. */
function forwardPartsCase(
  kernel: keyof typeof partsForms,
  shape: LayerShape,
  kind: LayerInput["kind"],
): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel,
    case: `${shapeName(shape)}, ${kind}`,
    async run(bench) {
      const { sums: form, partsOf } = partsForms[kernel];
      const data = new TestData(inputs * outputs + 1);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const weight = data.normal(outputs * inputs, 1 / Math.sqrt(inputs));
      const { layer, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const parts = partsOf(layer, batch);
      const stride = vectors(outputs) * vectorWidth;
      const partials = bench.output("partials", parts * batch * stride);
      const result = await bench.run(form(layer, batch, input, { parameters, partials }), step, partials);
      const z = new Float32Array(result);
      const actual = Float64Array.from({ length: batch * stride }, (_, at) => {
        const sample = Math.floor(at / stride);
        let sum = 0;
        for (let part = 0; part < parts; part++) sum += z[(sample * parts + part) * stride + (at % stride)];
        return sum;
      });
      const none = new Float32Array(outputs);
      const expected = padRows(
        Float32Array.from(referenceForward(values, weight, none, shape, "identity")),
        outputs,
      );
      return [{ what: `Z in ${parts} parts`, actual, expected, ...sums(inputs) }];
    },
  };
}

/** Random sums in parts of a layer of `outputs` neurons, and what they and the bias come to. */
function partialSums(
  bench: KernelBench,
  data: TestData,
  { batch, inputs, outputs }: LayerShape,
  activation: Activation,
) {
  const parts = 3;
  const z = data.normal(batch * parts * outputs);
  const bias = data.normal(outputs);
  const weight = data.normal(outputs * inputs);
  const a = Float64Array.from({ length: batch * outputs }, (_, at) => {
    const neuron = at % outputs;
    let sum = bias[neuron];
    for (let part = 0; part < parts; part++) {
      sum += z[(Math.floor(at / outputs) * parts + part) * outputs + neuron];
    }
    return activations[activation].apply(sum);
  });
  const partials = bench.uploadRows("partials", z, outputs);
  return { parts, partials, weight, bias, a };
}

function sumPartsCase(shape: LayerShape): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "sum_parts",
    case: shapeName(shape),
    async run(bench) {
      const data = new TestData(inputs + 7);
      const { parts, partials, weight, bias, a } = partialSums(bench, data, shape, "sigmoid");
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const result = bench.outputRows("outputs", batch, outputs);
      const call = sumParts(layer, parts, "sigmoid", batch, { partials, parameters, outputs: result });
      const expected = padRows(Float32Array.from(a), outputs);
      const actual = new Float32Array(await bench.run(call, { first: 0, size: batch }, result));
      return [{ what: "A", actual: actual.subarray(0, expected.length), expected, ...elementwise }];
    },
  };
}

/** `shape` is that of the last hidden layer. */
function headCase(shape: LayerShape, classes: number): KernelCase {
  const { batch, inputs, outputs: hidden } = shape;
  return {
    kernel: "head",
    case: `${shapeName(shape)} -> ${classes}`,
    async run(bench) {
      const data = new TestData(inputs + classes);
      const { parts, partials, weight, bias, a } = partialSums(bench, data, shape, "sigmoid");
      const outputWeight = data.normal(classes * hidden);
      const outputBias = data.normal(classes);
      const layout = parameterLayout([inputs, hidden, classes]);
      const parameters = bench.upload(
        "parameters",
        packParameters(layout, [
          { inputs, outputs: hidden, weight, bias },
          { inputs: hidden, outputs: classes, weight: outputWeight, bias: outputBias },
        ]),
      );
      const first = 1;
      const order = data.integers(first + batch, 9);
      const labels = data.integers(9, classes);
      const buffers = {
        partials,
        parameters,
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
        activations: bench.outputRows("activations", batch, hidden),
        gradient: bench.outputRows("gradient", batch, classes),
        previous_gradient: bench.outputRows("previous gradient", batch, hidden),
        sample_metrics: bench.output("sample metrics", 2 * (first + batch)),
      };
      const [hiddenLayer, outputLayer] = layout.layers;
      const call = head(hiddenLayer, outputLayer, parts, "sigmoid", batch, buffers);
      const step = { first, size: batch };
      const read = async (buffer: GPUBuffer, columns: number) =>
        new Float32Array(await bench.run(call, step, buffer)).subarray(
          0,
          batch * vectors(columns) * vectorWidth,
        );
      const output = { batch, inputs: hidden, outputs: classes };
      const logits = referenceForward(a, outputWeight, outputBias, output, "identity");
      const reference = referenceSoftmaxCrossEntropy(
        logits,
        gatherLabels(Uint8Array.from(labels), order, step),
        { batch, classes },
      );
      const back = referenceBackward(reference.gradient, outputWeight, a, output, "sigmoid");
      const padded = (values: Float64Array, columns: number) => padRows(Float32Array.from(values), columns);
      const slots = new DataView(
        await bench.run(call, step, buffers.sample_metrics),
        first * sampleMetricsBytes,
      );
      const tolerance = sums(hidden);
      return [
        {
          what: "A",
          actual: await read(buffers.activations, hidden),
          expected: padded(a, hidden),
          ...elementwise,
        },
        {
          what: "loss",
          actual: Array.from({ length: batch }, (_, sample) =>
            slots.getFloat32(sample * sampleMetricsBytes, true),
          ),
          expected: reference.losses,
          ...tolerance,
        },
        {
          what: "dZ",
          actual: await read(buffers.gradient, classes),
          expected: padded(reference.gradient, classes),
          ...tolerance,
        },
        {
          what: "dZ of the hidden layer",
          actual: await read(buffers.previous_gradient, hidden),
          expected: padded(back, hidden),
          ...tolerance,
        },
      ];
    },
  };
}

function backwardCase(shape: LayerShape, activation: Activation): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "backward",
    case: `${shapeName(shape)}, ${activation}`,
    async run(bench) {
      const data = new TestData(inputs + outputs);
      const gradient = data.normal(batch * outputs);
      const activations = data.unit(batch * inputs);
      const weight = data.normal(outputs * inputs);
      const { layer, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const result = bench.outputRows("previous gradient", batch + 1, inputs);
      const call = backward(layer, activation, batch + 1, {
        gradient: bench.uploadRows("gradient", gradient, outputs),
        parameters,
        activations: bench.uploadRows("activations", activations, inputs),
        previous_gradient: result,
      });
      const reference = referenceBackward(gradient, weight, activations, shape, activation);
      const expected = padRows(Float32Array.from(reference), inputs);
      const actual = new Float32Array(await bench.run(call, { first: 0, size: batch }, result));
      return [{ what: "dZ", actual: actual.subarray(0, expected.length), expected, ...sums(outputs) }];
    },
  };
}

const updateForms = { update, update_unrolled: updateUnrolled, update_tiled: updateTiled };

function updateCase(
  kernel: keyof typeof updateForms,
  shape: LayerShape,
  kind: LayerInput["kind"],
): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel,
    case: `${shapeName(shape)}, ${kind}`,
    async run(bench) {
      const data = new TestData(inputs - outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const gradient = data.normal(batch * outputs);
      const weight = data.normal(outputs * inputs);
      const bias = data.normal(outputs);
      const { layout, layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const learningRate = 0.25;
      const call = updateForms[kernel](layer, input, {
        gradient: bench.uploadRows("gradient", gradient, outputs),
        parameters,
      });
      const packed = new Float32Array(await bench.run(call, step, parameters, learningRate));
      const [, updated] = unpackParameters(layout, packed);
      const reference = { weight: Float64Array.from(weight), bias: Float64Array.from(bias) };
      referenceUpdate(reference.weight, reference.bias, gradient, values, shape, learningRate);
      return [
        { what: "W", actual: updated.weight, expected: reference.weight, ...sums(batch) },
        { what: "b", actual: updated.bias, expected: reference.bias, ...sums(batch) },
      ];
    },
  };
}

/** Logits with outliers of +-90, ties and a saturated row: what overflows naive formulas. */
function awkwardLogits(data: TestData, samples: number, classes: number): Float32Array {
  const logits = data.normal(samples * classes, 3);
  logits[0] = 90;
  if (samples > 1) logits.fill(-90, classes, 2 * classes);
  if (samples > 2) logits[2 * classes + classes - 1] = 1000;
  return logits;
}

const outputShapes = [
  { batch: 1, classes: 1 },
  { batch: 5, classes: 3 },
  { batch: 64, classes: 10 },
  { batch: 65, classes: 256 },
];

function softmaxCase(shape: (typeof outputShapes)[number]): KernelCase {
  const { batch, classes } = shape;
  return {
    kernel: "softmax",
    case: `${batch} x ${classes}`,
    async run(bench) {
      const logits = awkwardLogits(new TestData(batch), batch, classes);
      const probabilities = bench.output("probabilities", batch * classes);
      const buffers = { logits: bench.uploadRows("logits", logits, classes), probabilities };
      const actual = new Float32Array(
        await bench.run(softmax(classes, batch, buffers), { first: 0, size: batch }, probabilities),
      ).subarray(0, batch * classes);
      return [{ what: "P", actual, expected: referenceSoftmax(logits, shape), ...elementwise }];
    },
  };
}

function softmaxCrossEntropyCase(shape: (typeof outputShapes)[number]): KernelCase {
  const { batch, classes } = shape;
  return {
    kernel: "softmax_cross_entropy",
    case: `${batch} x ${classes}`,
    async run(bench) {
      const data = new TestData(classes);
      const logits = awkwardLogits(data, batch, classes);
      const first = 3;
      const order = data.integers(first + batch, 20);
      const labels = data.integers(20, classes);
      const gradient = bench.outputRows("gradient", batch, classes);
      const metrics = bench.output("sample metrics", ((first + batch) * sampleMetricsBytes) / 4);
      const call = softmaxCrossEntropy(classes, batch, {
        logits: bench.uploadRows("logits", logits, classes),
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
        gradient,
        sample_metrics: metrics,
      });
      const step = { first, size: batch };
      const slots = new DataView(await bench.run(call, step, metrics), first * sampleMetricsBytes);
      const actualGradient = new Float32Array(await bench.run(call, step, gradient));
      const reference = referenceSoftmaxCrossEntropy(
        logits,
        gatherLabels(Uint8Array.from(labels), order, step),
        shape,
      );
      const slot = Array.from({ length: batch }, (_, sample) => sample * sampleMetricsBytes);
      const expectedGradient = padRows(Float32Array.from(reference.gradient), classes);
      return [
        {
          what: "loss",
          actual: slot.map((at) => slots.getFloat32(at, true)),
          expected: reference.losses,
          ...elementwise,
        },
        {
          what: "prediction",
          actual: slot.map((at) => slots.getUint32(at + 4, true)),
          expected: reference.predicted,
          ...exact,
        },
        {
          what: "dZ",
          actual: actualGradient.subarray(0, expectedGradient.length),
          expected: expectedGradient,
          ...elementwise,
        },
      ];
    },
  };
}

const batchMetricsCase: KernelCase = {
  kernel: "batch_metrics",
  case: "3 steps, the last one short",
  async run(bench) {
    const data = new TestData(3);
    const samples = 15;
    const losses = data.unit(samples);
    const predicted = data.integers(samples, 3);
    const order = data.integers(samples, 20);
    const labels = data.integers(20, 3);
    const slots = new DataView(new ArrayBuffer(samples * sampleMetricsBytes));
    for (let sample = 0; sample < samples; sample++) {
      slots.setFloat32(sample * sampleMetricsBytes, losses[sample], true);
      slots.setUint32(sample * sampleMetricsBytes + 4, predicted[sample], true);
    }
    const batches = [
      { first: 1, size: 6, learningRate: 0 },
      { first: 7, size: 6, learningRate: 0 },
      { first: 13, size: 2, learningRate: 0 },
    ];
    const result = bench.output("step metrics", 2 * batches.length);
    const call = batchMetrics(batches.length, {
      steps: bench.steps.buffer,
      sample_metrics: bench.upload("sample metrics", new Uint8Array(slots.buffer)),
      order: bench.upload("order", order),
      labels: bench.upload("labels", labels),
      step_metrics: result,
    });
    const steps = [...batches, { first: 0, size: batches.length, learningRate: 0 }];
    const sums = new DataView(await bench.runSteps(call, steps, batches.length, result));
    const expected = batches.map((batch) =>
      referenceBatchMetrics(
        losses.subarray(batch.first),
        Uint16Array.from(predicted.subarray(batch.first)),
        gatherLabels(Uint8Array.from(labels), order, batch),
        batch.size,
      ),
    );
    return [
      {
        what: "sum of losses",
        actual: batches.map((_, i) => sums.getFloat32(i * 8, true)),
        expected: expected.map(({ loss }) => loss),
        ...elementwise,
      },
      {
        what: "correct",
        actual: batches.map((_, i) => sums.getUint32(i * 8 + 4, true)),
        expected: expected.map(({ correct }) => correct),
        ...exact,
      },
    ];
  },
};

/** Every kernel on every shape. */
export const kernelCases: readonly KernelCase[] = [
  ...layerShapes.flatMap((shape) => [
    forwardCase(shape, "bytes", "sigmoid", 1),
    forwardCase(shape, "floats", "identity", 1),
    forwardCase(shape, "floats", "sigmoid", 90),
    backwardCase(shape, "sigmoid"),
    backwardCase(shape, "identity"),
    ...(["bytes", "floats"] as const).flatMap((kind) => [
      updateCase("update", shape, kind),
      updateCase("update_unrolled", shape, kind),
      updateCase("update_tiled", shape, kind),
      forwardPartsCase("forward_unrolled", shape, kind),
      forwardPartsCase("forward_tiled", shape, kind),
    ]),
    sumPartsCase(shape),
    headCase(shape, 10),
    headCase(shape, 3),
  ]),
  ...outputShapes.flatMap((shape) => [softmaxCase(shape), softmaxCrossEntropyCase(shape)]),
  batchMetricsCase,
];
