import { steepestSlant } from "../data/deskew.ts";
import type { OnnxTensor, Operation } from "./onnx-graph.ts";

/**
 * What `deskewed` (data/deskew.ts) does, as a part of an ONNX graph: images `[batch, side * side]` of bytes as float32, called
 * `from`, become those called `to`.
 */
export function onnxDeskew(
  side: number,
  from: string,
  to: string,
): { readonly operations: Operation[]; readonly tensors: OnnxTensor[] } {
  const own = (name: string) => ({ from, to })[name] ?? `deskew.${name}`;
  const operations = steps.split("\n").map((line): Operation => {
    const [output, , type, ...inputs] = line.split(" ");
    const attribute = { attribute: ["align_corners", 1] } as const;
    return { type, inputs: inputs.map(own), output: own(output), ...(type === "GridSample" && attribute) };
  });
  return { operations, tensors: tensors(side).map((value) => ({ ...value, name: own(value.name) })) };
}

/** Every operator with its output and its inputs, in order; what is not an image or a place is `[batch, 1]`. */
const steps = `ink = MatMul from one
sumX = MatMul from x
sumY = MatMul from y
sumXY = MatMul from xy
sumYY = MatMul from yy
mass = Max ink least
meanY = Div sumY mass
xMeanY = Mul sumX meanY
covariance = Sub sumXY xMeanY
yMeanY = Mul sumY meanY
spread = Sub sumYY yMeanY
variance = Max spread least
slope = Div covariance variance
slant = Clip slope left right
rise = MatMul meanY byColumn
fall = Sub byRow rise
shift = Mul slant fall
places = Add everyPlace shift
grid = Reshape places gridShape
images = Reshape from imagesShape
sampled = GridSample images grid
rows = Flatten sampled
to = Round rows`;

/** The constants of the steps. Pixels lie from the middle of the image: small numbers keep more of float32's digits in sums. */
function tensors(side: number): OnnxTensor[] {
  const count = side * side;
  const middle = (side - 1) / 2;
  const x = (pixel: number) => (pixel % side) - middle;
  const y = (pixel: number) => Math.floor(pixel / side) - middle;
  const pixels = (name: string, of: (pixel: number) => number): OnnxTensor => {
    return { name, shape: [count, 1], data: Float32Array.from({ length: count }, (_, pixel) => of(pixel)) };
  };
  /** Pairs (x, y) as GridSample has them: from -1 at the first pixel's centre to 1 at the last one's. */
  const places = (name: string, of: readonly [typeof x, typeof y]): OnnxTensor => ({
    name,
    shape: [1, 2 * count],
    data: Float32Array.from({ length: 2 * count }, (_, at) => of[at % 2](at >> 1) / middle),
  });
  const numbers = { least: 0.001, left: -steepestSlant, right: steepestSlant };
  const shapes = { imagesShape: [-1, 1, side, side], gridShape: [-1, side, side, 2] };
  return [
    pixels("one", () => 1),
    pixels("x", x),
    pixels("y", y),
    pixels("xy", (pixel) => x(pixel) * y(pixel)),
    pixels("yy", (pixel) => y(pixel) ** 2),
    places("everyPlace", [x, y]),
    places("byRow", [y, () => 0]),
    places("byColumn", [() => 1, () => 0]),
    ...Object.entries(numbers).map(([name, value]) => ({ name, shape: [], data: Float32Array.of(value) })),
    ...Object.entries(shapes).map(([name, shape]) => {
      return { name, shape: [shape.length], data: BigInt64Array.from(shape, BigInt) };
    }),
  ];
}
