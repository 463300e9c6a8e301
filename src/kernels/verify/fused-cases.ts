import type { LayerActivation } from "../../model/activations.ts";
import { backward as referenceBackward } from "../../reference/backward.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { gatherLabels } from "../../reference/gather.ts";
import { softmaxCrossEntropy as referenceSoftmaxCrossEntropy } from "../../reference/softmax-cross-entropy.ts";
import { type HeadSharing, head } from "../fused-classifier.ts";
import { packParameters, parameterLayout } from "../layout.ts";
import { sampleMetricsBytes } from "../softmax-cross-entropy.ts";
import { TestData } from "./bench.ts";
import { elementwise, type KernelCase, rowsCheck, sums } from "./case.ts";
import { hiddenOutputs, partialSums, type Summed } from "./parts-cases.ts";
import { type LayerShape, shapeName } from "./shapes.ts";
import { drawnBy, trainingOf } from "./training-variant.ts";

/** What is checked of `head`. */
export interface HeadVariant extends HeadSharing {
  readonly activation: LayerActivation;
  readonly dropout: number;
  readonly labelSmoothing: number;
  readonly summed: Summed;
}

/** `shape` is that of the last hidden layer. */
export function headCase(shape: LayerShape, classes: number, variant: HeadVariant): KernelCase {
  const { batch, inputs, outputs: hidden } = shape;
  const { activation, dropout, labelSmoothing, summed, samples, weights } = variant;
  return {
    kernel: "fused_classifier",
    case: `${shapeName(shape)} -> ${classes}, ${activation}, dropout ${dropout}, smoothing ${labelSmoothing}, ${summed} parts, ${samples} at once, weights for ${weights}`,
    form: weights === "quad" ? "unrolled" : "portable",
    async run(bench) {
      const data = new TestData(inputs + classes);
      const first = 1;
      const { partials, weight, bias, sums: z } = partialSums(bench, data, shape, summed, first);
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
      const order = data.integers(first + batch, 9);
      const labels = data.integers(9, classes);
      const { key, training } = trainingOf(bench, variant, batch, hidden);
      const buffers = {
        parameters,
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
        activations: bench.outputRows("activations", batch, hidden),
        gradient: bench.outputRows("gradient", batch, classes),
        sample_metrics: bench.output("sample metrics", 2 * (first + batch)),
      };
      const [hiddenLayer, outputLayer] = layout.layers;
      const call = head(
        hiddenLayer,
        outputLayer,
        partials,
        activation,
        training,
        labelSmoothing,
        variant,
        batch,
        buffers,
      );
      const step = { first, size: batch, ...drawnBy(key) };
      const [a, dZ, previous, metrics] = await bench.runSteps(call, [step], 0, [
        buffers.activations,
        buffers.gradient,
        training.derivatives,
        buffers.sample_metrics,
      ]);

      const expected = hiddenOutputs(z, shape, activation, key);
      const output = { batch, inputs: hidden, outputs: classes };
      const logits = referenceForward(expected.a, outputWeight, outputBias, output, "identity");
      const { losses, gradient } = referenceSoftmaxCrossEntropy(
        logits,
        gatherLabels(Uint8Array.from(labels), order, step),
        { batch, classes },
        { smoothing: labelSmoothing },
      );
      const back = referenceBackward(gradient, outputWeight, expected.derivatives, output);
      const slots = new DataView(metrics, first * sampleMetricsBytes);
      const tolerance = sums(hidden);
      return [
        rowsCheck("A", a, expected.a, hidden, elementwise),
        {
          what: "loss",
          actual: Array.from({ length: batch }, (_, i) => slots.getFloat32(i * sampleMetricsBytes, true)),
          expected: losses,
          ...tolerance,
        },
        rowsCheck("dZ", dZ, gradient, classes, tolerance),
        rowsCheck("dZ of the hidden layer", previous, back, hidden, tolerance),
      ];
    },
  };
}
