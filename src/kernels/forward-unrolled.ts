import { inputOf, type LayerInput } from "./input.ts";
import type { LayerLayout } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import type { Parts } from "./parts.ts";

/**
 * Register tile: 3 x 4 neurons, 5 x 4 inputs. Measured on SwiftShader: 3 x 7 is a tenth faster and takes twice as long
 * to compile. A loop over several tiles of inputs in one invocation takes it a minute to compile.
 */
const mostGroups = 3;
const mostVectors = 5;
/** Samples that one invocation runs through: enough for loading its weights to pay. */
const mostSamples = 256;

function tiling({ outputVectors, inputVectors }: LayerLayout, batch: number) {
  const groups = Math.min(mostGroups, outputVectors);
  const vectors = Math.min(mostVectors, inputVectors);
  const samples = Math.min(mostSamples, batch);
  const parts = Math.ceil(inputVectors / vectors);
  return { groups, vectors, samples, parts, blocks: Math.ceil(outputVectors / groups) };
}

/** The parts in which `forwardUnrolled` leaves its sums. */
export function partsUnrolled(layer: LayerLayout, batch: number): Parts {
  return { batch, parts: tiling(layer, batch).parts };
}

/** X · Wᵀ for up to `batch` samples, in parts, into `partials` `[parts, batch, outputs]`. */
export function forwardUnrolled(
  layer: LayerLayout,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; partials: GPUBuffer },
): KernelCall {
  const { groups, vectors, samples, parts, blocks } = tiling(layer, batch);
  const source = inputOf(input);
  return {
    name: "forward_unrolled",
    variants: { ...source.variants, GROUPS: String(groups), VECTORS: String(vectors) },
    constants: {
      INPUT_VECTORS: layer.inputVectors,
      OUTPUT_VECTORS: layer.outputVectors,
      LAYER_OFFSET: layer.offset,
      BATCH: batch,
      PARTS: parts,
      BLOCKS: blocks,
      BLOCK_SAMPLES: samples,
    },
    buffers: { ...source.buffers, ...buffers },
    invocations: parts * blocks * Math.ceil(batch / samples),
  };
}
