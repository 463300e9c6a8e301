import { UserError } from "../errors.ts";
import { allFinite, type Parameters } from "./parameters.ts";

/** What pixels from 0 to 1 were turned into before they went into a network: (pixel - mean) / std. */
export interface Normalisation {
  readonly mean: number;
  /** Above 0. */
  readonly std: number;
}

/**
 * The parameters of a network that takes pixels from 0 to 1 as they are, and puts out what `parameters` do of normalised
 * ones: W ((x - mean) / std) + b = (W / std) x + (b - mean / std * sum of W's row).
 * @param fileName what the error calls their file
 * @throws UserError if float32 cannot hold them
 */
export function foldNormalisation(
  [first, ...rest]: Parameters,
  { mean, std }: Normalisation,
  fileName: string,
): Parameters {
  const { inputs, weight, bias } = first;
  const rowSum = (row: number) => {
    let sum = 0;
    for (const value of weight.subarray(row * inputs, (row + 1) * inputs)) sum += value;
    return sum;
  };
  const folded = {
    ...first,
    weight: Float32Array.from(weight, (value) => value / std),
    bias: Float32Array.from(bias, (value, row) => value - (mean / std) * rowSum(row)),
  };
  if (allFinite([folded])) return [folded, ...rest];
  throw new UserError(
    `--mean ${mean} --std ${std}: with these, the first layer of ${fileName} is beyond what float32 can hold. ` +
      "Give those that the network was trained with.",
  );
}
