import { UserError } from "../../errors.ts";
import { viewOf } from "../bytes.ts";
import { fromFloat16 } from "../float16.ts";

/*
 * Arrays as numpy stores them (numpy.lib.format): a magic text, a version, the length of a header, a Python literal with
 * type, order and shape, then the values. npyjs and its like read the header with less care, and give no bytes.
 */

/** An array of numbers. */
export interface NumberArray {
  /** What messages call it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly isFloat: boolean;
  /** The value at a position in C order, the last dimension running fastest. */
  at(index: number): number;
}

type Reader = (view: DataView, at: number, little: boolean) => number;

/** Bytes of a value, and how it is read, by numpy's name of its type. */
const types: Readonly<Record<string, { bytes: number; read: Reader }>> = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: { bytes: 2, read: (view, at, little) => fromFloat16(view.getUint16(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

const magic = "\x93NUMPY";

/**
 * Reads an .npy file. Its values stay where they are until they are asked for.
 * @throws UserError if it is none, holds something other than plain numbers, or is not as long as its header says
 */
export function parseNpy(bytes: Uint8Array, name: string): NumberArray {
  const latin = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length === 0) throw new UserError(`${name} is empty. Expected an array of numpy.`);
  if (latin(0, 6) !== magic)
    throw new UserError(`${name} is no array of numpy: it does not begin as one does.`);
  const view = viewOf(bytes);
  const [sizeBytes, size] =
    bytes.length < 12 ? [0, 0] : bytes[6] === 1 ? [2, view.getUint16(8, true)] : [4, view.getUint32(8, true)];
  const start = 8 + sizeBytes + size;
  if (bytes.length < 12 || size > longestHeader || start > bytes.length)
    throw new UserError(`${name} is cut short: its header does not end. Get the file again.`);
  const { order, type, fortran, shape } = parseHeader(latin(8 + sizeBytes, start), name);
  const { bytes: width, read } = types[type];
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  if (start + length * width !== bytes.length) {
    const sizes = `its header says ${shape.join("x")}, ${length * width} bytes, but it holds ${bytes.length - start}`;
    throw new UserError(`${name} is not whole: ${sizes}. Get the file again.`);
  }
  const place = fortran ? fortranPlace(shape) : (index: number) => index;
  const little = order !== ">";
  const at = (index: number) => read(view, start + width * place(index), little);
  return { name, shape, length, isFloat: type.startsWith("f"), at };
}

/** Real headers take less than 200 bytes. */
const longestHeader = 10_000;

function parseHeader(header: string, name: string) {
  const [, descr] = /'descr'\s*:\s*'([^']*)'/.exec(header) ?? [];
  const [, fortran] = /'fortran_order'\s*:\s*(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header) ?? [];
  const [, order, type] = /^([<>|=]?)([a-z]\d+)$/.exec(descr ?? "") ?? [];
  if (type === undefined || !(type in types) || fortran === undefined || shape === undefined) {
    const what = descr === undefined ? "something other than numbers" : `values of the type ${descr}`;
    throw new UserError(`${name} holds ${what}. Expected whole numbers or floats, such as uint8.`);
  }
  const dimensions = shape.split(",").flatMap((text) => (text.trim() ? [Number.parseInt(text, 10)] : []));
  return { order, type, fortran: fortran === "True", shape: dimensions };
}

/** Where a value lies in Fortran order, the first dimension running fastest, by its position in C order. */
function fortranPlace(shape: readonly number[]): (index: number) => number {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  return (index) => {
    let place = 0;
    let rest = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis] * (rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    return place;
  };
}
