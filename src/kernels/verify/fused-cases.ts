import type { LayerActivation } from "../../model/activations.ts";
import type { LayerParameters } from "../../model/parameters.ts";
import { backward as referenceBackward } from "../../reference/backward.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { gatherLabels } from "../../reference/gather.ts";
import { softmaxCrossEntropy as referenceSoftmaxCrossEntropy } from "../../reference/softmax-cross-entropy.ts";
import { type FormName, forms } from "../forms.ts";
import type { Fusion } from "../layer.ts";
import { packParameters, parameterLayout } from "../lib/layout.ts";
import { readMetrics } from "../loss.ts";
import { TestData } from "./bench.ts";
import { elementwise, type KernelCase, rowsCheck, sums } from "./case.ts";
import { hiddenOutputs, partialSums, slices } from "./partials-cases.ts";
import { placedLayer } from "./placed-layer.ts";
import { type LayerShape, shapeName } from "./shapes.ts";
import { drawnBy, trainingOf } from "./training-variant.ts";

/** What is checked of the fused classifier. */
export interface FusedVariant {
  /** The form of the hidden layer before it. */
  readonly form: Exclude<FormName, "portable">;
  readonly activation: LayerActivation;
  readonly dropout: number;
  readonly labelSmoothing: number;
}

/** `shape` is that of the last hidden layer. */
export function fusedClassifierCase(shape: LayerShape, classes: number, variant: FusedVariant): KernelCase {
  const { batch, inputs, outputs: hidden } = shape;
  const { activation, dropout, labelSmoothing } = variant;
  const form = forms[variant.form];
  return {
    kernel: variant.form === "unrolled" ? "fused_classifier" : "fused_classifier_tiled",
    case: `${shapeName(shape)} -> ${classes}, ${activation}, dropout ${dropout}, smoothing ${labelSmoothing}, ${variant.form}`,
    form,
    async run(bench) {
      const data = new TestData(inputs + classes);
      const first = 1;
      const { partials, weight, bias, total } = partialSums(bench, data, shape);
      const output = {
        ...{ inputs: hidden, outputs: classes },
        ...{ weight: data.normal(classes * hidden), bias: data.normal(classes) },
      };
      const layout = parameterLayout([inputs, hidden, classes]);
      const layers = [{ inputs, outputs: hidden, weight, bias }, output];
      const parameters = bench.upload("parameters", packParameters(layout, layers));
      const order = data.integers(first + batch, 9);
      const labels = data.integers(9, classes);
      const { key, does, derivatives } = trainingOf(bench, variant, batch, hidden);
      const outputs = bench.outputRows("activations", batch, hidden);
      const gradient = bench.outputRows("gradient", batch, classes);
      const sampleMetrics = bench.output("sample metrics", 2 * (first + batch));
      const loss = {
        order: bench.upload("order", order),
        labels: bench.upload("labels", labels),
        ...{ labelSmoothing, sampleMetrics },
      };
      const [hiddenLayout, outputLayout] = layout.layers;
      const { classifier } = form.fusion as Fusion;
      const call = classifier(
        placedLayer(bench, { form, layout: hiddenLayout, batch, parameters, does, partials, outputs }),
        { layout: outputLayout, gradient },
        slices,
        loss,
      );
      const step = { first, size: batch, ...drawnBy(key) };
      const [a, dZ, previous, metrics] = await bench.runSteps([call], [step], 0, [
        outputs,
        gradient,
        derivatives,
        sampleMetrics,
      ]);

      const expected = hiddenOutputs(total, shape, activation, key);
      const drawnLabels = gatherLabels(Uint8Array.from(labels), order, step);
      const rest = referenceFrom(expected, output, drawnLabels, labelSmoothing);
      const tolerance = sums(hidden);
      return [
        rowsCheck("A", a, expected.a, hidden, elementwise),
        { what: "loss", actual: readMetrics(metrics, first).floats, expected: rest.losses, ...tolerance },
        rowsCheck("dZ", dZ, rest.gradient, classes, tolerance),
        rowsCheck("dZ of the hidden layer", previous, rest.previousGradient, hidden, tolerance),
      ];
    },
  };
}

/** What lies between the activations of the hidden layer and its gradient, by the reference. */
function referenceFrom(
  { a, derivatives }: ReturnType<typeof hiddenOutputs>,
  output: LayerParameters,
  labels: Uint8Array,
  smoothing: number,
) {
  const batch = labels.length;
  const logits = referenceForward(a, output, batch, "identity");
  const shape = { batch, classes: output.outputs };
  const { losses, gradient } = referenceSoftmaxCrossEntropy(logits, labels, shape, { smoothing });
  const previousGradient = referenceBackward(gradient, output.weight, derivatives, { batch, ...output });
  return { losses, gradient, previousGradient };
}
