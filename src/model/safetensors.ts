import { viewOf } from "../data/bytes.ts";
import { fromBfloat16s, fromFloat16, toFloat16 } from "../data/float16.ts";
import { UserError } from "../errors.ts";
import { type Fail, isObject, quote } from "./file-values.ts";
import type { FloatArray } from "./parameters.ts";

/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): 8 bytes with the header's length (unsigned,
 * little-endian), a JSON header, and the bytes of all tensors, little-endian and row-major, without gaps.
 *
 *     {"__metadata__": {"key": "value"}, "0.bias": {"dtype": "F32", "shape": [10], "data_offsets": [0, 40]}}
 */

/** A tensor in memory; float16 and bfloat16 values are widened to float32 on reading. */
export interface Tensor {
  /** What a file stores its values as, if not as they are in memory: float16, rounded. */
  readonly stored?: "F16";
  readonly shape: readonly number[];
  /** Row-major, as many values as the product of `shape`. */
  readonly data: FloatArray;
}

/** What a safetensors file holds. Maps, because any text may be a name, `__proto__` too. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A tensor of whole numbers or truth values: no weight is made of these, and they are not read. */
export interface UnreadTensor {
  readonly shape: readonly number[];
  /** Its type as the file names it: `I64`. */
  readonly dtype: string;
}

/** What was read of a safetensors file. */
export interface ReadTensorFile extends TensorFile {
  readonly unread: ReadonlyMap<string, UnreadTensor>;
}

const lengthBytes = 8;
/** The reference implementation's limit, against files that claim an absurd header. */
const longestHeader = 100_000_000;
/** PyTorch's limit; it also keeps messages about shapes short. */
const mostDimensions = 64;
const metadataName = "__metadata__";

/**
 * How the values of a data type are read from a copy of their bytes, if they are. Typed arrays are little-endian, as the
 * file is.
 */
const types = new Map<string, { bytes: number; read?(buffer: ArrayBuffer): FloatArray }>([
  ["F64", { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
  ["F32", { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ["F16", { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), fromFloat16) }],
  ["BF16", { bytes: 2, read: fromBfloat16s }],
  ...["BOOL", "U8", "I8"].map((name) => [name, { bytes: 1 }] as const),
  ...["U16", "I16"].map((name) => [name, { bytes: 2 }] as const),
  ...["U32", "I32"].map((name) => [name, { bytes: 4 }] as const),
  ...["U64", "I64"].map((name) => [name, { bytes: 8 }] as const),
]);

/**
 * The bytes of a safetensors file. They depend on nothing but the contents: tensors are ordered as the reference
 * implementation orders them (wider types first, then by name), metadata by key, and the header is padded with spaces
 * so that the tensors start at a multiple of 8 bytes.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array<ArrayBuffer> {
  if (tensors.has(metadataName)) throw new Error(`${metadataName} cannot be the name of a tensor`);
  const sorted = [...tensors]
    .map(([name, tensor]) => ({ name, shape: tensor.shape, ...storedValues(tensor) }))
    .sort((a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT || (a.name < b.name ? -1 : 1));
  const entries: [string, object][] = [];
  if (metadata.size > 0) {
    const keys = [...metadata.keys()].sort();
    entries.push([metadataName, Object.fromEntries(keys.map((key) => [key, metadata.get(key)]))]);
  }
  let end = 0;
  for (const { name, dtype, shape, values } of sorted)
    entries.push([name, { dtype, shape, data_offsets: [end, (end += values.byteLength)] }]);
  const header = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;
  const json = new TextEncoder().encode(header);
  const dataStart = lengthBytes + Math.ceil(json.length / 8) * 8;

  const bytes = new Uint8Array(dataStart + end).fill(0x20, 0, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - lengthBytes), true);
  bytes.set(json, lengthBytes);
  let start = dataStart;
  for (const { values } of sorted) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
    start += values.byteLength;
  }
  return bytes;
}

/** A tensor's values as a file has them, and what it calls their type. */
function storedValues({ stored, data }: Tensor): { dtype: string; values: FloatArray | Uint16Array } {
  if (stored === "F16") return { dtype: stored, values: Uint16Array.from(data, toFloat16) };
  return { dtype: data instanceof Float64Array ? "F64" : "F32", values: data };
}

/** Whether `bytes` begin as a safetensors file does: a length, of which most bytes are 0, and a JSON object. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length <= lengthBytes || bytes[lengthBytes] !== 0x7b) return false;
  return viewOf(bytes).getBigUint64(0, true) <= longestHeader;
}

/**
 * Reads a safetensors file: tensors of F16, BF16, F32 or F64, and the names of those of whole numbers and truth values. The
 * result shares no memory with `bytes`.
 * @param fileName what error messages call the file
 * @throws UserError if the file is damaged, hostile, or holds other types
 */
export function decodeSafetensors(bytes: Uint8Array, fileName: string): ReadTensorFile {
  const fail: Fail = (what, advice = "Check that it was copied completely") =>
    new UserError(`${fileName} is not a readable safetensors file: ${what}. ${advice}.`);
  if (bytes.length < lengthBytes)
    throw fail(`it has ${bytes.length} bytes, fewer than the 8 of a header length`);
  const view = viewOf(bytes);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > longestHeader)
    throw fail(`it starts with a header length of ${headerLength} bytes, expected at most ${longestHeader}`);
  const dataStart = lengthBytes + Number(headerLength);
  if (dataStart > bytes.length)
    throw fail(`it has ${bytes.length} bytes, but its header alone should end at byte ${dataStart}`);

  const header = parseHeader(bytes.subarray(lengthBytes, dataStart), fail);
  const data = bytes.subarray(dataStart);
  const entries = header
    .filter(([name]) => name !== metadataName)
    .map(([name, value]) => parseEntry(name, value, fail));
  checkCoverage(entries, data.length, fail);
  const tensors = new Map<string, Tensor>();
  const unread = new Map<string, UnreadTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const { read } = types.get(dtype)!;
    // A copy in a buffer of its own: typed arrays want aligned offsets, which the format does not promise.
    if (read) tensors.set(name, { shape, data: read(new Uint8Array(data.subarray(begin, end)).buffer) });
    else unread.set(name, { shape, dtype });
  }
  return { tensors, unread, metadata: parseMetadata(header, fail) };
}

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  /** Byte offsets from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

function parseHeader(bytes: Uint8Array, fail: Fail): [string, unknown][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw fail("its header is not JSON");
  }
  if (!isObject(header)) throw fail("its header is not a JSON object");
  return Object.entries(header);
}

function parseEntry(name: string, value: unknown, fail: Fail): Entry {
  const tensor = `tensor ${quote(name)}`;
  if (!isObject(value)) throw fail(`${tensor} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw fail(`${tensor} has no valid dtype`);
  const type = types.get(dtype);
  if (type === undefined)
    throw fail(
      `${tensor} has values of type ${quote(dtype)}, expected one of ${[...types.keys()].join(", ")}`,
      "Save it with float32 values",
    );
  if (!isCountList(shape)) throw fail(`${tensor} has no valid shape`);
  if (!isCountList(offsets) || offsets.length !== 2 || offsets[0] > offsets[1])
    throw fail(`${tensor} has no valid data_offsets`);
  const [begin, end] = offsets;
  // A product beyond 2^53 is inexact, and yet never equal to the length of a file.
  const expected = shape.reduce((product, length) => product * length, type.bytes);
  if (expected !== end - begin)
    throw fail(
      `${tensor} of shape [${shape}] needs ${expected} bytes, but its data_offsets give it ${end - begin}`,
    );
  return { name, dtype, shape, begin, end };
}

/** Tensors must cover the data from its first to its last byte, without overlaps and holes. */
function checkCoverage(entries: readonly Entry[], dataLength: number, fail: Fail): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      throw fail(`tensor ${quote(name)} starts at byte ${begin} of the data, expected ${covered}`);
    covered = end;
  }
  if (covered !== dataLength)
    throw fail(`its tensors take ${covered} bytes, but ${dataLength} bytes follow the header`);
}

function parseMetadata(header: [string, unknown][], fail: Fail): Map<string, string> {
  const metadata = header.find(([name]) => name === metadataName)?.[1] ?? {};
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string"))
    throw fail(`its ${metadataName} is not an object of texts`);
  return new Map(Object.entries(metadata as Record<string, string>));
}

function isCountList(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length > mostDimensions) return false;
  return value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
