import { backward as referenceBackward } from "../../reference/backward.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { gatherLabels } from "../../reference/gather.ts";
import { softmaxCrossEntropy as referenceSoftmaxCrossEntropy } from "../../reference/softmax-cross-entropy.ts";
import { head } from "../head.ts";
import { packParameters, parameterLayout, vectors, vectorWidth } from "../layout.ts";
import { sampleMetricsBytes } from "../softmax-cross-entropy.ts";
import { padRows, TestData } from "./bench.ts";
import { elementwise, type KernelCase, sums } from "./case.ts";
import { partialSums } from "./parts-cases.ts";
import { type LayerShape, shapeName } from "./shapes.ts";

/** `shape` is that of the last hidden layer. */
export function headCase(shape: LayerShape, classes: number): KernelCase {
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
      const slopes = a.map((value) => value * (1 - value));
      const back = referenceBackward(reference.gradient, outputWeight, slopes, output);
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
