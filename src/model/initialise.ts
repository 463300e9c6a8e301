import { type RandomStream, randomStream } from "../data/random.ts";
import type { LayerParameters, Parameters, Sizes } from "./parameters.ts";
import type { Config } from "./settings.ts";

/** The name of a way in which weights start. */
export type Initialiser = Config["initialiser"];

/** Draws one weight of a layer with `inputs` inputs and `outputs` outputs. */
type Draw = (random: RandomStream, inputs: number, outputs: number) => number;

const draws: Record<Initialiser, Draw> = {
  // The article's: standard normal / sqrt(fan-in), which keeps the variance of weighted sums (LeCun et al.,
  // "Efficient BackProp", 1998, section 4.6).
  article: (random, inputs) => random.normal() / Math.sqrt(inputs),
  // Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, formula 16.
  "glorot-uniform": (random, inputs, outputs) => symmetric(random, Math.sqrt(6 / (inputs + outputs))),
  // The same variance, 2 / (inputs + outputs) (their formula 12), normally distributed.
  "glorot-normal": (random, inputs, outputs) => random.normal() * Math.sqrt(2 / (inputs + outputs)),
  // He et al., "Delving Deep into Rectifiers", 2015, formula 10.
  "he-normal": (random, inputs) => random.normal() * Math.sqrt(2 / inputs),
  // What PyTorch's `nn.Linear.reset_parameters` does to weights: `kaiming_uniform_(weight, a=sqrt(5))`, whose bound
  // sqrt(6 / ((1 + a^2) * inputs)) is 1 / sqrt(inputs).
  uniform: (random, inputs) => symmetric(random, 1 / Math.sqrt(inputs)),
  // Neurons of a hidden layer that start equal stay equal: only a network without hidden layer learns from zeros.
  zeros: () => 0,
};

/** Uniform in [-bound, bound). */
function symmetric(random: RandomStream, bound: number): number {
  return (2 * random.uniform() - 1) * bound;
}

/**
 * Parameters to start training from: weights as `initialiser` draws them, rounded to float32, biases zero. The same
 * arguments always give the same numbers, and a layer's do not depend on how many layers follow it.
 */
export function initialise(sizes: Sizes, initialiser: Initialiser, seed: number): Parameters {
  const draw = draws[initialiser];
  return sizes.slice(1).map((outputs, layer): LayerParameters => {
    const inputs = sizes[layer];
    const random = randomStream(seed, "parameters", layer);
    return {
      inputs,
      outputs,
      weight: Float32Array.from({ length: outputs * inputs }, () => draw(random, inputs, outputs)),
      bias: new Float32Array(outputs),
    };
  });
}
