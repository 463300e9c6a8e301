import { defaultConfig } from "../../model/settings.ts";
import type { TrainedLayer } from "../layer.ts";
import { floats } from "../lib/input.ts";
import { vectorWidth } from "../lib/layout.ts";
import type { KernelBench } from "./bench.ts";

type Place = Pick<TrainedLayer, "form" | "layout" | "batch" | "parameters">;

/** A layer that has what is given; all other buffers are full of NaN. */
export function placedLayer(bench: KernelBench, place: Place & Partial<TrainedLayer>): TrainedLayer {
  const { form, layout, batch } = place;
  const partialVectors = batch * form.partialVectors(layout, batch, true);
  return {
    input: floats(bench.outputRows("no inputs", batch, layout.inputs)),
    does: { activation: "identity" },
    outputs: bench.outputRows("outputs", batch, layout.outputs),
    partials: bench.output("partial sums", partialVectors * vectorWidth),
    gradient: bench.outputRows("no gradient", batch, layout.outputs),
    optimizer: { settings: defaultConfig, slots: {} },
    ...place,
  };
}
