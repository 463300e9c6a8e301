import * as v from "valibot";
import { UserError } from "../errors.ts";
import { count, quote } from "./file-values.ts";
import { namedTensors, tensorNames } from "./named-tensors.ts";
import { allFinite, type LayerParameters, type Parameters } from "./parameters.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "./safetensors.ts";

/*
 * A checkpoint is a safetensors file: the tensors of several networks of one shape, `parameters.0.weight` `[out, in]`,
 * `parameters.0.bias`, `parameters.2.weight`, `momentum.0.weight`, ... in the precision that the engine computes with,
 * and in its metadata what goes with them, as JSON.
 */

const score = v.object({ epoch: count, loss: v.number(), accuracy: v.number() });
const sums = v.object({
  steps: count,
  samples: count,
  loss: v.number(),
  correct: count,
  learningRate: v.number(),
  seconds: v.number(),
});
/** What an order of images was taken from: two data sets with the same identity are the same, byte for byte. */
const dataset = v.object({
  name: v.string(),
  train: count,
  test: count,
  /** SHA-256 of images and labels, in hexadecimal. */
  sha256: v.string(),
});
const factsSchema = v.object({
  /** Program and version: another one may compute other numbers. */
  program: v.string(),
  /** What computed. */
  device: v.string(),
  /** The settings, as they were written: see `filedSettings`. */
  config: v.record(v.string(), v.unknown()),
  dataset,
  /** Steps since training began. */
  step: count,
  /** Seconds spent on them. */
  seconds: v.number(),
  /** Sums over the steps of the epoch under way. */
  sums,
  /** The best evaluation of the validation images, and how many came after it. */
  selection: v.object({ best: v.optional(score), since: count }),
  /** Steps before the slots began, where that was not at the first one. */
  slotsSince: v.optional(count),
  /** Lines of metrics.jsonl that these steps wrote. */
  lines: count,
});

/** What a checkpoint says beside its tensors. */
export type CheckpointFacts = v.InferOutput<typeof factsSchema>;
export type DatasetIdentity = v.InferOutput<typeof dataset>;

/** The networks that a checkpoint may hold; `best` and the slots where there are any. */
const required = ["parameters", "finite"] as const;
const optional = ["best", "momentum", "secondMoment", "average"] as const;
type Required = (typeof required)[number];
type Optional = (typeof optional)[number];

export type CheckpointNetworks = Readonly<
  Record<Required, Parameters> & Partial<Record<Optional, Parameters>>
>;

export interface CheckpointFile {
  readonly networks: CheckpointNetworks;
  readonly facts: CheckpointFacts;
}

/** The bytes of a checkpoint file. Equal checkpoints give equal bytes. */
export function encodeCheckpoint(file: CheckpointFile): Uint8Array<ArrayBuffer> {
  return encode("checkpoint", JSON.stringify(file.facts), tensorsOf(file.networks, ""));
}

/** The bytes of a file that holds several checkpoints by name: tensors are called `name.parameters.0.weight` there. */
export function encodeCheckpoints(files: ReadonlyMap<string, CheckpointFile>): Uint8Array<ArrayBuffer> {
  const facts = [...files].map(([name, file]) => [name, file.facts]);
  const tensors = [...files].flatMap(([name, { networks }]) => [...tensorsOf(networks, `${name}.`)]);
  return encode("checkpoints", JSON.stringify(Object.fromEntries(facts)), new Map(tensors));
}

/**
 * Reads a checkpoint file.
 * @param fileName what error messages call the file
 * @throws UserError if it is damaged or no checkpoint of this format
 */
export function decodeCheckpoint(bytes: Uint8Array, fileName: string): CheckpointFile {
  const { tensors, facts } = decode("checkpoint", factsSchema, bytes, fileName);
  return { networks: networksOf(tensors, failure(fileName)), facts };
}

/** Reads a file of several checkpoints, as `decodeCheckpoint` does. */
export function decodeCheckpoints(bytes: Uint8Array, fileName: string): Map<string, CheckpointFile> {
  const fail = failure(fileName);
  const { tensors, facts: read } = decode("checkpoints", v.record(v.string(), factsSchema), bytes, fileName);
  const files = Object.entries(read).map(([name, facts]): [string, CheckpointFile] => {
    const own = [...tensors].filter(([tensor]) => tensor.startsWith(`${name}.`));
    const named = own.map(([tensor, value]): [string, Tensor] => [tensor.slice(name.length + 1), value]);
    return [name, { networks: networksOf(new Map(named), fail), facts }];
  });
  return new Map(files);
}

function tensorsOf(networks: CheckpointNetworks, prefix: string): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, parameters] of Object.entries(networks)) {
    for (const { name: tensor, ...value } of namedTensors(parameters, `${prefix}${name}.`))
      tensors.set(tensor, value);
  }
  return tensors;
}

/** What the metadata of a file calls its facts: of one checkpoint, or of several. */
type Key = "checkpoint" | "checkpoints";

function encode(key: Key, text: string, tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  return encodeSafetensors({
    tensors,
    metadata: new Map([
      [key, text],
      ["checksum", checksum(text, tensors)],
    ]),
  });
}

function decode<T>(key: Key, schema: v.GenericSchema<unknown, T>, bytes: Uint8Array, fileName: string) {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const fail = failure(fileName);
  const text = metadata.get(key);
  if (text === undefined) throw fail(`its metadata has no entry called ${key}`);
  if (metadata.get("checksum") !== checksum(text, tensors)) throw fail("its checksum is wrong");
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (read.success) return { tensors, facts: read.output };
  const [issue] = read.issues;
  throw fail(`its facts do not have the form expected (${quote(v.getDotPath(issue) ?? issue.message)})`);
}

function failure(fileName: string) {
  return (what: string) =>
    new UserError(
      `${fileName} is no checkpoint that can be gone on from: ${what}. ` +
        "Use the file as the run left it, or train anew.",
    );
}

/** The tensors put together to networks. */
function networksOf(
  tensors: ReadonlyMap<string, Tensor>,
  fail: (what: string) => UserError,
): CheckpointNetworks {
  const names = [...required, ...optional].filter((name) => tensors.has(`${name}.0.weight`));
  const networks = Object.fromEntries(names.map((name) => [name, networkOf(name, tensors, fail)]));
  const { parameters } = networks;
  for (const name of required) if (!networks[name]) throw fail(`it holds no ${name}`);
  const shape = (network: Parameters) => network.map(({ inputs, outputs }) => `${inputs}-${outputs}`).join();
  const odd = names.find((name) => shape(networks[name]) !== shape(parameters));
  if (odd) throw fail(`its ${odd} has other shapes than its parameters`);
  // The parameters themselves may have just ceased to be: then training finds it out, and goes back to these.
  for (const name of ["finite", "best"])
    if (networks[name] && !allFinite(networks[name]))
      throw fail(`its ${name} are beyond what float32 can hold`);
  const used = names.length * parameters.length * 2;
  if (used !== tensors.size) throw fail(`it holds ${tensors.size - used} tensors of other kinds`);
  return networks as CheckpointNetworks;
}

function networkOf(
  name: string,
  tensors: ReadonlyMap<string, Tensor>,
  fail: (what: string) => UserError,
): Parameters {
  const layers: LayerParameters[] = [];
  for (let layer = 0; ; layer++) {
    const names = tensorNames(layer, `${name}.`);
    const [weight, bias] = [tensors.get(names.weight), tensors.get(names.bias)];
    if (!weight) return layers;
    const [outputs, inputs] = weight.shape;
    if (weight.shape.length !== 2 || bias?.shape.length !== 1 || bias.shape[0] !== outputs)
      throw fail(`layer ${layer + 1} of its ${name} is not a matrix with a bias`);
    layers.push({ inputs, outputs, weight: weight.data, bias: bias.data });
  }
}

/**
 * A checksum of a text and of all tensors in the order of their names, in hexadecimal: the mixing steps of MurmurHash3
 * (Appleby, public domain) on 32-bit words. It is there against damage, not against intent, and must keep pace with
 * hundreds of megabytes.
 */
function checksum(text: string, tensors: ReadonlyMap<string, Tensor>): string {
  let hash = mixed(
    0,
    Uint32Array.from(text, (character) => character.codePointAt(0)!),
  );
  for (const name of [...tensors.keys()].sort()) {
    const { data } = tensors.get(name)!;
    hash = mixed(hash, new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4));
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

function mixed(hash: number, words: Uint32Array): number {
  for (let index = 0; index < words.length; index++) {
    const word = Math.imul(words[index], 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return hash;
}
