import { Message } from "./protobuf.ts";

/*
 * The messages that ONNX graphs are made of (onnx/onnx.proto of github.com/onnx/onnx), which the functions are called after.
 */

/** Numbers of `TensorProto.DataType` and of `AttributeProto.AttributeType`. */
export const float32 = 1;
export const uint8 = 2;
const int64 = 7;
const integerAttribute = 2;

/** One node of the graph. */
export interface Operation {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attribute?: readonly [name: string, value: number];
}

/** A tensor of the graph: float32, or int64 as shapes are. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

export function node({ type, inputs, output, attribute }: Operation): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  message.text(2, output).text(3, `${type} ${output}`).text(4, type);
  if (!attribute) return message;
  const [name, value] = attribute;
  return message.message(5, new Message().text(1, name).int(3, value).int(20, integerAttribute));
}

/** Typed arrays are little-endian and row-major, as the format wants them. */
export function tensor({ name, shape, data }: OnnxTensor): Message {
  const message = new Message();
  for (const length of shape) message.int(1, length);
  const type = data instanceof Float32Array ? float32 : int64;
  return message.int(2, type).text(8, name).bytes(9, new Uint8Array(data.buffer));
}

/** A matrix with a row an image, however many there are. */
export function valueInfo(name: string, type: number, columns: number): Message {
  const shape = new Message()
    .message(1, new Message().text(2, "batch"))
    .message(1, new Message().int(1, columns));
  const tensorType = new Message().int(1, type).message(2, shape);
  return new Message().text(1, name).message(2, new Message().message(1, tensorType));
}
