import type { ImageShape } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import { type Activation, activationRows } from "./activations.ts";
import { namedTensors, tensorNames } from "./named-tensors.ts";
import { onnxDeskew } from "./onnx-deskew.ts";
import { float32, node, type Operation, tensor, uint8, valueInfo } from "./onnx-graph.ts";
import { networkName, type Parameters, type Sizes, sizesOf } from "./parameters.ts";
import { Message } from "./protobuf.ts";

/** A network as an ONNX file has it. */
export interface OnnxNetwork {
  readonly parameters: Parameters;
  readonly activation: Activation;
  /** Whether it reads images that are deskewed. */
  readonly deskew?: boolean;
  /** Rows and columns of its images, where they are known. */
  readonly shape?: ImageShape | undefined;
}

/** What goes with networks into an ONNX file. */
interface OnnxFacts {
  /** Texts that go with it, as a model file has them. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The program that writes it, and its version. */
  readonly producer: { readonly name: string; readonly version: string };
}

/** What goes into an ONNX file. */
export interface OnnxModel extends OnnxNetwork, OnnxFacts {}

/** What goes into an ONNX file of several networks, which read the same images as the same classes. */
export interface OnnxEnsemble extends OnnxFacts {
  readonly members: readonly OnnxNetwork[];
}

/** Names of the graph's input, uint8 `[batch, inputs]`, and of its output, float32 `[batch, classes]`. */
export const onnxInput = "pixels";
export const onnxOutput = "probabilities";

const documentation =
  `${onnxInput}: images as bytes, uint8 [batch, rows * columns], row by row, 0 is background and 255 is ink; the ` +
  "graph divides them by 255 itself, and sets them upright where its network was trained on such. " +
  `${onnxOutput}: one a class, float32 [batch, classes].`;

/** Runtimes since 2022 read these; each operator here is the same since version 16 of the operators or longer. */
const irVersion = 8;
const operatorVersion = 17;

/** The bytes of an ONNX file with one network, as `encodeOnnxEnsemble` writes it. */
export function encodeOnnx({ metadata, producer, ...network }: OnnxModel): Uint8Array<ArrayBuffer> {
  return encodeOnnxEnsemble({ members: [network], metadata, producer });
}

/**
 * The bytes of an ONNX file: a graph (see onnx-graph.ts) from bytes of images to probabilities, computed in float32; of several
 * networks the mean. Equal models give equal bytes.
 * @throws UserError if a network reads deskewed images that are not square, or if there is none, or one for another task
 */
export function encodeOnnxEnsemble({ members, metadata, producer }: OnnxEnsemble): Uint8Array<ArrayBuffer> {
  checkOneTask(members);
  const model = new Message()
    .int(1, irVersion)
    .text(2, producer.name)
    .text(3, producer.version)
    .text(6, documentation)
    .message(7, graph(members))
    .message(8, new Message().text(1, "").int(2, operatorVersion));
  for (const [key, value] of metadata) model.message(14, new Message().text(1, key).text(2, value));
  return model.finish();
}

/** Throws a UserError unless there are networks, and all take images of as many pixels as so many classes. */
function checkOneTask(members: readonly OnnxNetwork[]): void {
  const tasks = members.map(({ parameters }) => {
    const sizes = sizesOf(parameters);
    return `images of ${sizes[0]} pixels as ${sizes[sizes.length - 1]} classes`;
  });
  if (tasks.length === 0)
    throw new UserError("An ONNX file holds at least one network, but there is none to write.");
  const odd = tasks.findIndex((task) => task !== tasks[0]);
  if (odd < 0) return;
  throw new UserError(
    `Network ${odd + 1} of an ONNX file takes ${tasks[odd]}, but the first takes ${tasks[0]}. Leave one of them out.`,
  );
}

function graph(networks: readonly OnnxNetwork[]): Message {
  const isEnsemble = networks.length > 1;
  const members = networks.map(({ parameters, activation, deskew = false }, index) => {
    const prefix = isEnsemble ? `member${index}.` : "";
    const names = { input: deskew ? upright : pixels, prefix, output: `${prefix}${onnxOutput}` };
    return { parameters, activation, deskew, sizes: sizesOf(parameters), ...names };
  });
  const [{ sizes }] = members;
  const shape = networks.find((network) => network.shape)?.shape;
  const deskew = members.some((member) => member.deskew)
    ? onnxDeskew(sideOf(sizes[0], shape), "bytes", "upright.bytes")
    : { operations: [], tensors: [] };
  const operations: Operation[] = [
    { type: "Cast", inputs: [onnxInput], output: "bytes", attribute: ["to", float32] },
    { type: "Div", inputs: ["bytes", "255"], output: pixels },
    ...deskew.operations,
    ...(deskew.operations.length > 0
      ? [{ type: "Div", inputs: ["upright.bytes", "255"], output: upright }]
      : []),
    ...members.flatMap(layers),
    ...(isEnsemble
      ? [{ type: "Mean", inputs: members.map(({ output }) => output), output: onnxOutput }]
      : []),
  ];
  const message = new Message();
  for (const operation of operations) message.message(1, node(operation));
  message.text(2, members.map(({ sizes }) => networkName(sizes)).join(", "));
  for (const value of constants(members)) {
    message.message(5, tensor({ name: String(value), shape: [], data: Float32Array.of(value) }));
  }
  for (const constant of deskew.tensors) message.message(5, tensor(constant));
  for (const { parameters, prefix } of members) {
    for (const { name, shape, data } of namedTensors(parameters, prefix))
      message.message(5, tensor({ name, shape, data: Float32Array.from(data) }));
  }
  return message
    .message(11, valueInfo(onnxInput, uint8, sizes[0]))
    .message(12, valueInfo(onnxOutput, float32, sizes[sizes.length - 1]));
}

/** A network of the graph: what its values' names begin with, and where its probabilities go. */
interface Member {
  readonly sizes: Sizes;
  readonly activation: Activation;
  readonly input: string;
  readonly prefix: string;
  readonly output: string;
}

/** The values that members take: pixels from 0 to 1, of images as they are and of deskewed ones. */
const pixels = "activations0";
const upright = "upright.activations0";

/** Rows, and columns, of images of so many pixels: square ones, where their shape is not known. */
function sideOf(count: number, shape: ImageShape | undefined): number {
  const side = Math.sqrt(count);
  if (Number.isInteger(side) && side > 1 && (shape?.rows ?? side) === side) return side;
  const pixels = shape ? `${shape.rows}x${shape.columns}` : count;
  throw new UserError(
    `A network that reads deskewed images of ${pixels} pixels cannot be written as ONNX: the images must be square. ` +
      "Write safetensors or JSON.",
  );
}

/** All that a network computes, in order. */
function layers({ sizes, activation, input: given, prefix, output }: Member): Operation[] {
  const last = sizes.length - 2;
  const all: Operation[] = [];
  for (let layer = 0; layer <= last; layer++) {
    const input = layer === 0 ? given : `${prefix}activations${layer}`;
    const { weight, bias } = tensorNames(layer, prefix);
    const sums = `${prefix}${layer === last ? "logits" : `sums${layer + 1}`}`;
    all.push({ type: "Gemm", inputs: [input, weight, bias], output: sums, attribute: ["transB", 1] });
    if (layer < last) all.push(...activate(activation, sums, `${prefix}activations${layer + 1}`));
  }
  return [...all, { type: "Softmax", inputs: [`${prefix}logits`], output, attribute: ["axis", -1] }];
}

/** The numbers that nodes take, each under its own name: 255 of a byte, and those of the activations. */
function constants(members: readonly Member[]): Set<number> {
  const ofActivations = members.flatMap(({ sizes, activation }) =>
    sizes.length > 2 ? activationRows[activation].onnx.map(({ by }) => by) : [],
  );
  return new Set([255, ...ofActivations.filter((by) => typeof by === "number")]);
}

function activate(activation: Activation, sums: string, output: string): Operation[] {
  const operators = activationRows[activation].onnx;
  let value = sums;
  return operators.map(({ type, by }, index) => {
    const inputs = by === undefined ? [value] : [by === "z" ? sums : String(by), value];
    value = index === operators.length - 1 ? output : `${sums}.${activation}${index || ""}`;
    return { type, inputs, output: value };
  });
}
