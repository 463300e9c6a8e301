import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** Changes one thing of `bytes`; `others` are further valid files of the kind. */
type Change = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/** Choices from a seeded generator. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(generator: RandomGenerator) {
    this.#generator = generator;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return end <= 1 ? 0 : uniformInt(this.#generator, 0, end - 1);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  /** A place in a file: near its beginning or its end as often as anywhere, since headers and directories are there. */
  place(length: number): number {
    const near = this.below(Math.min(64, length));
    return this.of([near, Math.max(0, length - 1 - near), this.below(length)]);
  }
}

const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A number where a header may have one: at the edge of what it can hold, or near the file's size. */
const setNumber: Change = (bytes, random) => {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const width = random.of([1, 2, 4] as const);
  const at = Math.min(random.place(copy.length), copy.length - width);
  if (at < 0) return copy;
  const value = random.of([...edges, bytes.length, bytes.length - 1, bytes.length + 1]);
  const little = random.of([true, false]);
  if (width === 1) view.setUint8(at, value & 0xff);
  else if (width === 2) view.setUint16(at, value & 0xffff, little);
  else view.setUint32(at, value >>> 0, little);
  return copy;
};

const flipBit: Change = (bytes, random) => {
  const copy = bytes.slice();
  if (copy.length > 0) copy[random.place(copy.length)] ^= 1 << random.below(8);
  return copy;
};

const cutShort: Change = (bytes, random) => bytes.slice(0, random.place(bytes.length + 1));

const leaveOut: Change = (bytes, random) => {
  const start = random.place(bytes.length);
  return joined(bytes.subarray(0, start), bytes.subarray(start + 1 + random.below(32)));
};

const repeat: Change = (bytes, random) => {
  const start = random.place(bytes.length);
  const end = start + 1 + random.below(64);
  return joined(bytes.subarray(0, end), bytes.subarray(start));
};

const insert: Change = (bytes, random) => {
  const at = random.place(bytes.length + 1);
  const added = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
  return joined(bytes.subarray(0, at), added, bytes.subarray(at));
};

/** The beginning of one file with the end of another. */
const splice: Change = (bytes, random, others) => {
  const other = random.of(others);
  return joined(bytes.subarray(0, random.place(bytes.length)), other.subarray(random.place(other.length)));
};

const words = [
  ...[
    "NaN",
    "Infinity",
    "-1",
    "1e999",
    "1e-999",
    "0.5",
    "256",
    "null",
    "true",
    '"',
    "[",
    "{}",
    "[[]]",
    ",",
    "\n",
  ],
  ...[
    "__proto__",
    "constructor",
    "\u0000",
    "\ud83d\ude00",
    "9".repeat(400),
    "[".repeat(3000),
    " ".repeat(500),
  ],
];

/** Another word in the place of one: of texts, and of headers that are text. */
const replaceWord: Change = (bytes, random) => {
  const text = Buffer.from(bytes).toString("latin1");
  const found = [...text.matchAll(/[\w.+-]+|"[^"]*"/g)];
  if (found.length === 0) return bytes.slice();
  const { index, 0: word } = random.of(found.slice(0, 2000));
  const other = random.of([...words, random.of(found)[0]]);
  return joined(
    bytes.subarray(0, index),
    new TextEncoder().encode(other),
    bytes.subarray(index + word.length),
  );
};

const changes = [setNumber, setNumber, flipBit, cutShort, leaveOut, repeat, insert, splice, replaceWord];

/** One to four changes of a valid file. */
export function mutant(samples: readonly Uint8Array[], random: Random): Uint8Array {
  // A copy that changes nothing of the sample: a Buffer's own `slice` shares its memory.
  let bytes: Uint8Array = Uint8Array.from(random.of(samples));
  for (let count = 1 + random.below(4); count > 0; count--)
    bytes = random.of(changes)(bytes, random, samples);
  return bytes;
}
