import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/model/safetensors.ts";

const fileName = "some.safetensors";
const decode = (bytes: Uint8Array) => decodeSafetensors(bytes, fileName);

/** A file with this header text and so many zero bytes of data; `claimedLength` is what its first 8 bytes say. */
function fileOf(header: string, dataLength = 0, claimedLength?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, claimedLength ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = "F32") =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

const someFile = encodeSafetensors({
  tensors: new Map<string, Tensor>([
    ["0.weight", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 5, 6) }],
    ["0.bias", { shape: [2], data: Float64Array.of(Math.PI, -0) }],
  ]),
  metadata: new Map([["config", "{}"]]),
});

describe("encodeSafetensors", () => {
  // The bytes that the reference implementation writes for the same contents, from its own tests.
  test.each([
    [
      "without padding",
      "attn.0",
      [1, 2, 3],
      '{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}',
    ],
    [
      "padded",
      "attn0",
      [1, 1, 2, 3],
      '{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ',
    ],
  ])("writes what the reference implementation writes: %s", (_, name, shape, header) => {
    const data = Float32Array.of(0, 1, 2, 3, 4, 5);
    const expected = fileOf(header, 24);
    expected.set(new Uint8Array(data.buffer), 8 + header.length);
    expect(encodeSafetensors({ tensors: new Map([[name, { shape, data }]]), metadata: new Map() })).toEqual(
      expected,
    );
  });

  test("writes an empty file and metadata as the reference implementation does", () => {
    expect(encodeSafetensors({ tensors: new Map(), metadata: new Map() })).toEqual(fileOf("{}      "));
    expect(encodeSafetensors({ tensors: new Map(), metadata: new Map([["framework", "pt"]]) })).toEqual(
      fileOf('{"__metadata__":{"framework":"pt"}}     '),
    );
  });

  test("gives the same bytes whatever the order of insertion", () => {
    const tensors: [string, Tensor][] = [
      ["b", { shape: [1], data: Float32Array.of(1) }],
      ["a", { shape: [1], data: Float32Array.of(2) }],
      ["c", { shape: [1], data: Float64Array.of(3) }],
    ];
    const texts: [string, string][] = [["x", "1"], ["__proto__", "2"]]; // biome-ignore format: one line
    const bytes = encodeSafetensors({ tensors: new Map(tensors), metadata: new Map(texts) });
    const reversed = { tensors: new Map(tensors.toReversed()), metadata: new Map(texts.toReversed()) };
    expect(encodeSafetensors(reversed)).toEqual(bytes);
    expect([...decode(bytes).tensors.keys()]).toEqual(["c", "a", "b"]);
  });

  test("refuses the one name that the format reserves", () => {
    const tensors = new Map([["__metadata__", { shape: [0], data: new Float32Array(0) }]]);
    expect(() => encodeSafetensors({ tensors, metadata: new Map() })).toThrow("__metadata__");
  });
});

describe("decodeSafetensors", () => {
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("__proto__", "constructor", "toString", "", "7", "0.weight"),
  );
  const float32 = fc.float().map(Math.fround);
  const tensor = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape): fc.Arbitrary<Tensor> => {
    const length = shape.reduce((product, size) => product * size, 1);
    const values = { minLength: length, maxLength: length };
    return fc.oneof(
      fc.array(float32, values).map((data) => ({ shape, data: Float32Array.from(data) })),
      fc.array(fc.double(), values).map((data) => ({ shape, data: Float64Array.from(data) })),
    );
  });
  const file = fc.record({
    tensors: fc.array(fc.tuple(name, tensor), { maxLength: 5 }).map((list) => new Map(list)),
    metadata: fc.array(fc.tuple(name, fc.string()), { maxLength: 3 }).map((list) => new Map(list)),
  });

  test("gives back what was written: any names, shapes, texts and values", () => {
    fc.assert(
      fc.property(file, (contents) => {
        const decoded = decode(encodeSafetensors(contents));
        expect(decoded.metadata).toEqual(contents.metadata);
        expect(decoded.tensors).toEqual(contents.tensors);
      }),
    );
  });

  test("shares no memory with the file and reads unaligned views", () => {
    const shifted = new Uint8Array(someFile.length + 3);
    shifted.set(someFile, 3);
    const { tensors } = decode(Buffer.from(shifted.buffer, 3));
    shifted.fill(255);
    expect(tensors.get("0.weight")?.data).toEqual(Float32Array.of(1, -2, 3.5, 0, 5, 6));
    expect(tensors.get("0.bias")?.data).toEqual(Float64Array.of(Math.PI, -0));
  });

  test.each([
    // IEEE 754 binary16: one, minus two, the largest, the smallest normal and subnormal, infinity.
    ["F16", [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0xfc00], [1, -2, 65504, 2 ** -14, 2 ** -24, -Infinity]],
    ["BF16", [0x3f80, 0xc000, 0x0000, 0x7f80, 0x0080, 0x4049], [1, -2, 0, Infinity, 2 ** -126, 3.140625]],
  ])("widens %s", (dtype, bits, values) => {
    const bytes = fileOf(`{"t":${entry([6], [0, 12], dtype)}} `.padEnd(64), 12);
    for (const [index, value] of bits.entries())
      new DataView(bytes.buffer).setUint16(72 + 2 * index, value, true);
    expect(decode(bytes).tensors.get("t")?.data).toEqual(Float32Array.from(values));
  });

  test.each([
    ["BOOL", 1],
    ["U8", 1],
    ["I16", 2],
    ["U32", 4],
    ["I64", 8],
  ])("names tensors of %s without reading them", (dtype, size) => {
    const { tensors, unread } = decode(fileOf(`{"t":${entry([2, 1], [0, 2 * size], dtype)}}`, 2 * size));
    expect([...tensors]).toEqual([]);
    expect([...unread]).toEqual([["t", { dtype, shape: [2, 1] }]]);
  });

  test("widens float16 NaN", () => {
    const bytes = fileOf(`{"t":${entry([1], [0, 2], "F16")}}`, 2);
    bytes.set([0x01, 0x7e], bytes.length - 2);
    expect(decode(bytes).tensors.get("t")?.data).toEqual(Float32Array.of(Number.NaN));
  });

  test.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(0), "it has 0 bytes"],
    ["a header length beyond the file", fileOf("{}", 0, 100n), "should end at byte 108"],
    ["an absurd header length", fileOf("{}", 0, 0xffff_ffff_ffff_ffffn), "18446744073709551615 bytes"],
    ["no JSON", fileOf("{"), "its header is not JSON"],
    ["no UTF-8", new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]), "its header is not JSON"],
    ["a list", fileOf("[]"), "not a JSON object"],
    ["null", fileOf("null"), "not a JSON object"],
    ["a tensor that is no object", fileOf('{"t":3}'), 'tensor "t" is not described'],
    [
      "an unknown type",
      fileOf(`{"t":${entry([1], [0, 1], "F8_E5M2")}}`, 1),
      '"F8_E5M2", expected one of F64, F32',
    ],
    ["whole numbers of another size", fileOf(`{"t":${entry([3], [0, 6], "I8")}}`, 6), "needs 3 bytes"],
    ["an inherited type", fileOf(`{"t":${entry([1], [0, 8], "constructor")}}`, 8), 'type "constructor"'],
    ["a type that is no text", fileOf(`{"t":${entry([1], [0, 4], 32)}}`, 4), "no valid dtype"],
    ["a name of control characters", fileOf('{"\\u001b[2J\\u009b":3}'), 'tensor "?[2J?" is not described'],
    [
      "a very long name",
      fileOf(`{"${"x".repeat(1000)}":3}`),
      `tensor "${"x".repeat(60)}..." is not described`,
    ],
    [
      "a shape of too many dimensions",
      fileOf(`{"t":${entry(Array(65).fill(1), [0, 4])}}`, 4),
      "no valid shape",
    ],
    [
      "a type nested very deeply",
      fileOf(`{"t":{"dtype":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`),
      "no valid dtype",
    ],
    ["a shape that is no list", fileOf(`{"t":${entry(1, [0, 4])}}`, 4), "no valid shape"],
    ["a negative shape", fileOf(`{"t":${entry([-1, -1], [0, 4])}}`, 4), "no valid shape"],
    ["a fractional shape", fileOf(`{"t":${entry([0.5, 2], [0, 4])}}`, 4), "no valid shape"],
    ["a huge shape", fileOf(`{"t":${entry([2 ** 52, 2 ** 52], [0, 4])}}`, 4), "its data_offsets give it 4"],
    ["one offset", fileOf(`{"t":${entry([1], [0])}}`, 4), "no valid data_offsets"],
    ["reversed offsets", fileOf(`{"t":${entry([1], [4, 0])}}`, 4), "no valid data_offsets"],
    ["a shape that needs other bytes", fileOf(`{"t":${entry([3], [0, 8])}}`, 8), "needs 12 bytes"],
    ["offsets beyond the data", fileOf(`{"t":${entry([2], [0, 8])}}`, 4), "take 8 bytes, but 4 bytes follow"],
    ["bytes after the data", fileOf(`{"t":${entry([1], [0, 4])}}`, 5), "take 4 bytes, but 5 bytes follow"],
    [
      "a hole",
      fileOf(`{"a":${entry([1], [0, 4])},"b":${entry([1], [8, 12])}}`, 12),
      "starts at byte 8 of the data, expected 4",
    ],
    [
      "an overlap",
      fileOf(`{"a":${entry([2], [0, 8])},"b":${entry([2], [4, 12])}}`, 12),
      "starts at byte 4 of the data, expected 8",
    ],
    [
      "the same bytes twice",
      fileOf(`{"a":${entry([1], [0, 4])},"b":${entry([1], [0, 4])}}`, 4),
      "starts at byte 0 of the data, expected 4",
    ],
    [
      "metadata that is no text",
      fileOf('{"__metadata__":{"epochs":3}}'),
      "__metadata__ is not an object of texts",
    ],
    ["metadata that is no object", fileOf('{"__metadata__":"x"}'), "__metadata__ is not an object of texts"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(UserError);
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow(fileName);
  });

  const readableOrUserError = (bytes: Uint8Array) => {
    try {
      decode(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
    }
  };

  test("refuses every truncation of a file", () => {
    for (let length = 0; length < someFile.length; length++)
      expect(() => decode(someFile.subarray(0, length))).toThrow(UserError);
  });

  test("reads or refuses any bytes and any header, and never fails otherwise", () => {
    fc.assert(fc.property(fc.uint8Array(), readableOrUserError));
    fc.assert(
      fc.property(fc.json(), fc.nat(16), (json, length) => readableOrUserError(fileOf(json, length))),
    );
    const value = fc.anything({ maxDepth: 2, withNullPrototype: false });
    const description = fc.record({
      dtype: fc.oneof(fc.constantFrom("F32", "F16", "I8"), value),
      shape: fc.oneof(fc.array(fc.nat(2), { maxLength: 2 }), value),
      data_offsets: fc.oneof(fc.array(fc.nat(8), { maxLength: 3 }), value),
    });
    const header = fc.dictionary(name, description, { maxKeys: 3 }).map((entries) => JSON.stringify(entries));
    fc.assert(fc.property(header, fc.nat(8), (json, length) => readableOrUserError(fileOf(json, length))));
  });

  test("reads or refuses a file with some bytes changed", () => {
    const change = fc.tuple(fc.nat(someFile.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = someFile.slice();
        for (const [offset, value] of changes) bytes[offset] = value;
        readableOrUserError(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
