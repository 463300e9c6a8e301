import type { FloatArray, Parameters } from "./parameters.ts";

/** What PyTorch calls a layer's tensors in `nn.Sequential(nn.Linear(...), activation, nn.Linear(...), ...)`: odd places are activations. */
export function tensorNames(layer: number, prefix = ""): { readonly weight: string; readonly bias: string } {
  const name = `${prefix}${2 * layer}`;
  return { weight: `${name}.weight`, bias: `${name}.bias` };
}

/** A network as tensors with names, as files hold it: weight `[out, in]` and bias of each layer in turn. */
export function namedTensors(
  parameters: Parameters,
  prefix = "",
): { readonly name: string; readonly shape: readonly number[]; readonly data: FloatArray }[] {
  return parameters.flatMap(({ inputs, outputs, weight, bias }, layer) => {
    const names = tensorNames(layer, prefix);
    return [
      { name: names.weight, shape: [outputs, inputs], data: weight },
      { name: names.bias, shape: [outputs], data: bias },
    ];
  });
}
