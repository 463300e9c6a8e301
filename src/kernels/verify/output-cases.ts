import { batchMetrics as referenceBatchMetrics } from "../../reference/batch-metrics.ts";
import { gatherLabels } from "../../reference/gather.ts";
import { softmax as referenceSoftmax } from "../../reference/softmax.ts";
import { softmaxCrossEntropy as referenceSoftmaxCrossEntropy } from "../../reference/softmax-cross-entropy.ts";
import { vectors } from "../lib/layout.ts";
import { batchMetrics, readMetrics, sampleMetricsBytes, softmax, softmaxCrossEntropy } from "../loss.ts";
import { type KernelBench, TestData } from "./bench.ts";
import { elementwise, exact, type KernelCase, rowsCheck } from "./case.ts";

/** Logits with outliers of +-90, ties and a saturated row: what overflows naive formulas. */
function awkwardLogits(data: TestData, samples: number, classes: number): Float32Array {
  const logits = data.normal(samples * classes, 3);
  logits[0] = 90;
  if (samples > 1) logits.fill(-90, classes, 2 * classes);
  if (samples > 2) logits[2 * classes + classes - 1] = 1000;
  return logits;
}

type OutputShape = { readonly batch: number; readonly classes: number };

export const outputShapes: readonly OutputShape[] = [
  { batch: 1, classes: 1 },
  { batch: 5, classes: 3 },
  { batch: 64, classes: 10 },
  { batch: 65, classes: 256 },
];

/** Logits as the last layer leaves them. */
function logitsOf(bench: KernelBench, logits: Float32Array, { batch, classes }: OutputShape) {
  const layout = { outputs: classes, outputVectors: vectors(classes) };
  return { layout, batch, outputs: bench.uploadRows("logits", logits, classes) };
}

export function softmaxCase(shape: OutputShape): KernelCase {
  const { batch, classes } = shape;
  return {
    kernel: "softmax",
    case: `${batch} x ${classes}`,
    async run(bench) {
      const logits = awkwardLogits(new TestData(batch), batch, classes);
      const probabilities = bench.output("probabilities", batch * classes);
      const call = softmax(logitsOf(bench, logits, shape), probabilities);
      const actual = new Float32Array(
        await bench.run(call, { first: 0, size: batch }, probabilities),
      ).subarray(0, batch * classes);
      return [{ what: "P", actual, expected: referenceSoftmax(logits, shape), ...elementwise }];
    },
  };
}

export function softmaxCrossEntropyCase(shape: OutputShape, smoothing: number): KernelCase {
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
      const call = softmaxCrossEntropy(logitsOf(bench, logits, shape), gradient, {
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
        labelSmoothing: smoothing,
        sampleMetrics: metrics,
      });
      const step = { first, size: batch };
      const [slotBytes, dZ] = await bench.runSteps([call], [step], 0, [metrics, gradient]);
      const { floats, integers } = readMetrics(slotBytes, first);
      const reference = referenceSoftmaxCrossEntropy(
        logits,
        gatherLabels(Uint8Array.from(labels), order, step),
        shape,
        { smoothing },
      );
      return [
        { what: "loss", actual: floats, expected: reference.losses, ...elementwise },
        { what: "prediction", actual: integers, expected: reference.predicted, ...exact },
        rowsCheck("dZ", dZ, reference.gradient, classes, elementwise),
      ];
    },
  };
}

/** What batches of some `sizes` come to, whose first `ordinary` losses are up to `most`, all others up to a ten-thousandth of it. */
function batchMetricsCase(
  name: string,
  sizes: readonly number[],
  ordinary: number,
  most: number,
): KernelCase {
  return {
    kernel: "batch_metrics",
    case: name,
    async run(bench) {
      const data = new TestData(3);
      const batches = sizes.map((size, step) => ({ first: 1 + sum(sizes.slice(0, step)), size }));
      const samples = 1 + sum(sizes);
      const losses = data
        .unit(samples)
        .map((loss, sample) => loss * (sample < ordinary ? most : most / 10_000));
      const predicted = data.integers(samples, 3);
      const order = data.integers(samples, 20);
      const labels = data.integers(20, 3);
      const slots = new DataView(new ArrayBuffer(samples * sampleMetricsBytes));
      for (let sample = 0; sample < samples; sample++) {
        slots.setFloat32(sample * sampleMetricsBytes, losses[sample], true);
        slots.setUint32(sample * sampleMetricsBytes + 4, predicted[sample], true);
      }
      const result = bench.output("step metrics", 2 * batches.length);
      const measured = {
        sampleMetrics: bench.upload("sample metrics", new Uint8Array(slots.buffer)),
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
      };
      const call = batchMetrics(batches.length, measured, bench.steps, result);
      const steps = [...batches, { first: 0, size: batches.length }];
      const [summed] = await bench.runSteps([call], steps, batches.length, [result]);
      const { floats, integers } = readMetrics(summed);
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
          actual: floats,
          expected: expected.map(({ loss }) => loss),
          ...elementwise,
        },
        {
          what: "correct",
          actual: integers,
          expected: expected.map(({ correct }) => correct),
          ...exact,
        },
      ];
    },
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export const batchMetricsCases: readonly KernelCase[] = [
  batchMetricsCase("3 steps, the last one short", [6, 6, 2], 15, 1),
  batchMetricsCase("a mini-batch of 50,000, the second half with small losses", [50_000, 7], 25_000, 1e-4),
];
