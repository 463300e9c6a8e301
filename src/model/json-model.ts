import { UserError } from "../errors.ts";
import type { Activation } from "./activations.ts";
import { type Fail, isObject, shortened, shown } from "./file-values.ts";
import { refuseForeignJson } from "./foreign-files.ts";
import { activationOf, type Model, withSettings } from "./model-file.ts";
import { isFloat32, type LayerParameters, type Parameters, sizesOf } from "./parameters.ts";
import { isValid, settings } from "./settings.ts";
import { checkDepth } from "./tensor-layers.ts";

/**
 * A network as a text that people and programs of any language can read:
 *
 *     {"format": "mnist-webgpu network", "sizes": [784, 10, 10], "activation": "sigmoid", "metadata": {...},
 *      "layers": [{"weight": [[...], ...], "bias": [...]}, ...]}
 *
 * `weight` has a row for each output; a layer computes weight * input + bias, and the input of the first is
 * pixel byte / 255. `activation` is that of all layers but the last, which softmax follows.
 */

const format = "mnist-webgpu network";

/** The text of `model`: float32 values in the fewest digits that give them back, a row of a weight on each line. */
export function encodeJsonModel({ parameters, metadata }: Model, activation: Activation): string {
  const layers = parameters.map(({ inputs, outputs, weight, bias }) => {
    const rows = Array.from({ length: outputs }, (_, row) =>
      numbers(weight.subarray(row * inputs, (row + 1) * inputs)),
    );
    return `{\n"weight": [\n${rows.join(",\n")}\n],\n"bias": ${numbers(bias)}\n}`;
  });
  return `{
"format": ${JSON.stringify(format)},
"sizes": ${JSON.stringify(sizesOf(parameters))},
"activation": ${JSON.stringify(activation)},
"metadata": ${JSON.stringify(Object.fromEntries(metadata), null, 1)},
"layers": [${layers.join(", ")}]
}
`;
}

function numbers(values: LayerParameters["bias"]): string {
  return `[${Array.from(values, shortest).join(", ")}]`;
}

/** The float32 nearest to `value` in as few digits as give it back; nine always do. */
function shortest(value: number): string {
  const rounded = Math.fround(value);
  // JSON has a zero with a sign, but JavaScript does not write it.
  if (Object.is(rounded, -0)) return "-0";
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(rounded.toPrecision(digits));
    if (Math.fround(short) === rounded) return JSON.stringify(short);
  }
  return JSON.stringify(Number(rounded.toPrecision(9)));
}

/**
 * Reads what `encodeJsonModel` wrote, or a text that somebody else wrote likewise (only `layers` is needed); the
 * activation, if it is given, is found in the config of the result's metadata.
 * @param fileName what error messages call the file
 * @throws UserError if the text is no such network, or a value is not finite
 */
export function decodeJsonModel(bytes: Uint8Array, fileName: string): Model {
  const fail: Fail = (what, advice = "Check that it was copied completely") =>
    new UserError(`${fileName} holds no network as JSON: ${what}. ${advice}.`);
  const file = parse(bytes, fail);
  refuseForeignJson(file, fileName);
  const { layers, sizes, activation, metadata = {} } = file;
  if (!Array.isArray(layers) || layers.length === 0) throw fail('it has no list of "layers"');
  const parameters: LayerParameters[] = [];
  const rowsOf = (layer: unknown) =>
    isObject(layer) && Array.isArray(layer.weight) ? layer.weight.length : 0;
  checkDepth(layers.map(rowsOf), fail);
  for (const layer of layers) parameters.push(readLayer(layer, parameters, fail));
  const found = sizesOf(parameters);
  const areFound = Array.isArray(sizes) && sizes.length === found.length;
  if (sizes !== undefined && !(areFound && found.every((size, index) => sizes[index] === size)))
    throw fail(`"sizes" is ${shown(sizes)}, but its layers have the sizes ${shown(found)}`);
  if (!isTexts(metadata)) throw fail('"metadata" is not an object of texts');
  if (activation !== undefined && !isValid("activation", activation))
    throw fail(`"activation" is ${shown(activation)}, expected ${settings.activation.expects}`);
  const texts = new Map(Object.entries(metadata));
  const model = { parameters, metadata: texts };
  if (activation === undefined || activation === activationOf(model, fileName)) return model;
  return { parameters, metadata: withSettings(texts, { activation }) };
}

function parse(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail(`it is not JSON (${error instanceof SyntaxError ? shortened(error.message) : "not UTF-8"})`);
  }
  if (!isObject(file)) throw fail("it is not an object");
  return file;
}

/** @param before the layers that precede this one */
function readLayer(value: unknown, before: Parameters, fail: Fail): LayerParameters {
  const name = `layer ${before.length + 1}`;
  if (!isObject(value)) throw fail(`${name} is not an object`);
  const { weight, bias } = value;
  if (!Array.isArray(weight) || weight.length === 0 || !Array.isArray(weight[0]) || weight[0].length === 0)
    throw fail(`the "weight" of ${name} is not a list of rows of numbers`);
  const inputs = weight[0].length;
  const expected = before.at(-1)?.outputs ?? inputs;
  if (inputs !== expected)
    throw fail(`${name} takes ${inputs} inputs, but the layer before has ${expected} outputs`);
  const outputs = weight.length;
  const rows = weight.map((row, index) =>
    readNumbers(row, inputs, `row ${index} of the "weight" of ${name}`, fail),
  );
  const flat = new Float32Array(outputs * inputs);
  for (const [index, row] of rows.entries()) flat.set(row, index * inputs);
  return { inputs, outputs, weight: flat, bias: readNumbers(bias, outputs, `the "bias" of ${name}`, fail) };
}

function readNumbers(value: unknown, length: number, what: string, fail: Fail): Float32Array {
  if (!Array.isArray(value)) throw fail(`${what} is not a list of numbers`);
  if (value.length !== length) throw fail(`${what} has ${value.length} numbers, expected ${length}`);
  const wrong = value.findIndex((item) => typeof item !== "number" || !isFloat32(item));
  if (wrong >= 0)
    throw fail(`number ${wrong} of ${what} is ${shown(value[wrong])}, expected a finite float32`);
  return Float32Array.from(value as number[]);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}
