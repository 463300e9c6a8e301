import type { LayerActivation } from "../../model/activations.ts";
import type { FloatArray } from "../../model/parameters.ts";
import { activations } from "../../reference/activations.ts";
import type { Inspection } from "../../reference/inspect.ts";

/*
 * What the picture of a network says about its units, worked out from an inspection of one image.
 */

/** A unit of layer `layer`, both from 0; those of the last layer are the classes. */
export interface Unit {
  readonly layer: number;
  readonly unit: number;
}

/** What a layer reads, `[inputs]`: the image's pixels, 0 to 1, or what the layer before puts out. */
export function inputOf({ input, layers }: Inspection, layer: number): FloatArray {
  return layer > 0 ? layers[layer - 1].A : input;
}

/** The terms `w x` of a unit's weighted sum, `[inputs]`. */
export function termsOf(inspection: Inspection, input: FloatArray, { layer, unit }: Unit): Float64Array {
  const { weight, inputs } = inspection.parameters[layer];
  const own = weight.subarray(unit * inputs, (unit + 1) * inputs);
  return new Float64Array(own).map((w, at) => w * input[at]);
}

/** A unit's sum with its parts: `z = sum of terms + bias`, `a = f(z)`. */
export interface UnitSum {
  readonly terms: Float64Array;
  /** Sums of the positive and of the negative terms. */
  readonly spokeFor: number;
  readonly spokeAgainst: number;
  readonly bias: number;
  readonly z: number;
  readonly a: number;
}

export function sumOf(inspection: Inspection, place: Unit): UnitSum {
  const { layer, unit } = place;
  const terms = termsOf(inspection, inputOf(inspection, layer), place);
  const total = (of: (term: number) => number) => terms.reduce((sum, term) => sum + of(term), 0);
  return {
    terms,
    spokeFor: total((term) => Math.max(term, 0)),
    spokeAgainst: total((term) => Math.min(term, 0)),
    bias: inspection.parameters[layer].bias[unit],
    z: inspection.layers[layer].Z[unit],
    a: inspection.layers[layer].A[unit],
  };
}

/** The classes from the most probable to the least; the lower one first of equals. */
export function ranking({ layers }: Inspection): number[] {
  const probabilities = layers[layers.length - 1].A;
  return [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b);
}

/**
 * How much each unit of the hidden layers matters for the answer, `[layers - 1][units]`: what it puts out times the
 * derivative of the answer's lead (its logit less the mean of all logits) with respect to that, positive if it speaks for the
 * answer.
 */
export function influence(inspection: Inspection, activation: LayerActivation): Float64Array[] {
  const { parameters, layers } = inspection;
  const [answer] = ranking(inspection);
  const last = parameters.length - 1;
  let upstream = Float64Array.from(
    { length: parameters[last].outputs },
    (_, unit, count = parameters[last].outputs) => (unit === answer ? 1 - 1 / count : -1 / count),
  );
  const found: Float64Array[] = [];
  for (let layer = last; layer > 0; layer--) {
    const { weight, inputs, outputs } = parameters[layer];
    const derivative = new Float64Array(inputs);
    for (let unit = 0; unit < outputs; unit++) {
      for (let at = 0; at < inputs; at++) derivative[at] += upstream[unit] * weight[unit * inputs + at];
    }
    const { Z, A } = layers[layer - 1];
    found.unshift(derivative.map((value, at) => value * A[at]));
    upstream = derivative.map((value, at) => value * activations[activation].slope(Z[at]));
  }
  return found;
}

/** The `most` units with the largest size in `values`, in their own order; all of them if there are no more. */
export function largest(values: FloatArray, most: number): number[] {
  const units = [...values.keys()];
  if (units.length <= most) return units;
  const bySize = units.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
  return bySize.slice(0, most).sort((a, b) => a - b);
}
