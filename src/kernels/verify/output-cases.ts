import { batchMetrics as referenceBatchMetrics } from "../../reference/batch-metrics.ts";
import { gatherLabels } from "../../reference/gather.ts";
import { softmax as referenceSoftmax } from "../../reference/softmax.ts";
import { softmaxCrossEntropy as referenceSoftmaxCrossEntropy } from "../../reference/softmax-cross-entropy.ts";
import { batchMetrics } from "../batch-metrics.ts";
import { softmax } from "../softmax.ts";
import { sampleMetricsBytes, softmaxCrossEntropy } from "../softmax-cross-entropy.ts";
import { TestData } from "./bench.ts";
import { elementwise, exact, type KernelCase, rowsCheck } from "./case.ts";

/** Logits with outliers of +-90, ties and a saturated row: what overflows naive formulas. */
function awkwardLogits(data: TestData, samples: number, classes: number): Float32Array {
  const logits = data.normal(samples * classes, 3);
  logits[0] = 90;
  if (samples > 1) logits.fill(-90, classes, 2 * classes);
  if (samples > 2) logits[2 * classes + classes - 1] = 1000;
  return logits;
}

export const outputShapes = [
  { batch: 1, classes: 1 },
  { batch: 5, classes: 3 },
  { batch: 64, classes: 10 },
  { batch: 65, classes: 256 },
];

export function softmaxCase(shape: (typeof outputShapes)[number]): KernelCase {
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

export function softmaxCrossEntropyCase(shape: (typeof outputShapes)[number], smoothing: number): KernelCase {
  const { batch, classes } = shape;
  return {
    kernel: "softmax_cross_entropy",
    case: `${batch} x ${classes}, smoothing ${smoothing}`,
    async run(bench) {
      const data = new TestData(classes);
      const logits = awkwardLogits(data, batch, classes);
      const first = 3;
      const order = data.integers(first + batch, 20);
      const labels = data.integers(20, classes);
      const gradient = bench.outputRows("gradient", batch, classes);
      const metrics = bench.output("sample metrics", ((first + batch) * sampleMetricsBytes) / 4);
      const call = softmaxCrossEntropy(classes, batch, smoothing, {
        logits: bench.uploadRows("logits", logits, classes),
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
        gradient,
        sample_metrics: metrics,
      });
      const step = { first, size: batch };
      const [slotBytes, dZ] = await bench.runSteps(call, [step], 0, [metrics, gradient]);
      const slots = new DataView(slotBytes, first * sampleMetricsBytes);
      const reference = referenceSoftmaxCrossEntropy(
        logits,
        gatherLabels(Uint8Array.from(labels), order, step),
        shape,
        { smoothing },
      );
      const slot = Array.from({ length: batch }, (_, sample) => sample * sampleMetricsBytes);
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
        rowsCheck("dZ", dZ, reference.gradient, classes, elementwise),
      ];
    },
  };
}

export const batchMetricsCase: KernelCase = {
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
      { first: 1, size: 6 },
      { first: 7, size: 6 },
      { first: 13, size: 2 },
    ];
    const result = bench.output("step metrics", 2 * batches.length);
    const call = batchMetrics(batches.length, {
      steps: bench.steps.buffer,
      sample_metrics: bench.upload("sample metrics", new Uint8Array(slots.buffer)),
      order: bench.upload("order", order),
      labels: bench.upload("labels", labels),
      step_metrics: result,
    });
    const steps = [...batches, { first: 0, size: batches.length }];
    const [summed] = await bench.runSteps(call, steps, batches.length, [result]);
    const sums = new DataView(summed);
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
