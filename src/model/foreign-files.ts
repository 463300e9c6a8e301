import { FileFault } from "../data/file-fault.ts";
import { isZip, readDirectory } from "../data/formats/zip-directory.ts";
import { quote } from "./file-values.ts";

/*
 * Files that people take for models, or that are models of other programs, as their first bytes tell, and what can be done
 * with each.
 */

/** A kind of file that is not read here. */
interface ForeignFile {
  /** What follows `is`: `a PNG picture`. */
  readonly what: string;
  /** What to do, in a sentence or two. */
  readonly advice: string;
}

const chooseModel = "Name a model file: safetensors, or a network as JSON.";
const unpackIt = "Unpack it first.";
const fromKeras =
  "In Python, save each dense layer for itself with safetensors.numpy.save_file, its kernel transposed: " +
  '{"0.weight": kernel.T.copy(), "0.bias": bias, "2.weight": ...}.';
const fromTorch =
  "In Python: from safetensors.torch import save_file; " +
  'save_file(torch.load("FILE", weights_only=True), "model.safetensors"); ' +
  "of a whole module, save its state_dict().";
const fromOnnx =
  "In Python: safetensors.numpy.save_file({t.name: onnx.numpy_helper.to_array(t).copy() for t in " +
  'onnx.load("FILE").graph.initializer if t.name.endswith(("weight", "bias"))}, "model.safetensors").';
const fromArrays =
  'In Python: safetensors.numpy.save_file(dict(numpy.load("FILE")), "model.safetensors"), with arrays called ' +
  "0.weight [outputs, inputs], 0.bias, 2.weight and so on.";
const fromArray =
  'In Python: safetensors.numpy.save_file({"0.weight": numpy.load("FILE"), "0.bias": ...}, "model.safetensors").';

/** What files begin with, byte by byte as characters, and at which byte if not the first. */
const beginnings: readonly (ForeignFile & { readonly bytes: string; readonly at?: number })[] = [
  { bytes: "\x89HDF\r\n\x1a\n", what: "an HDF5 file, as Keras writes them", advice: fromKeras },
  { bytes: "\x93NUMPY", what: "an array of numpy", advice: fromArray },
  { bytes: "GGUF", what: "a GGUF file", advice: "Save the network as safetensors, with float32 values." },
  { bytes: "TFL3", at: 4, what: "a TensorFlow Lite file", advice: fromKeras },
  { bytes: "\x08\x01\x12", what: "a SavedModel of TensorFlow", advice: fromKeras },
  { bytes: "\x1f\x8b", what: "packed by gzip", advice: unpackIt },
  { bytes: "\x28\xb5\x2f\xfd", what: "packed by zstd", advice: unpackIt },
  { bytes: "\xfd7zXZ", what: "packed by xz", advice: unpackIt },
  { bytes: "BZh", what: "packed by bzip2", advice: unpackIt },
  { bytes: "7z\xbc\xaf\x27\x1c", what: "a 7-Zip archive", advice: unpackIt },
  { bytes: "ustar", at: 257, what: "a tar archive", advice: unpackIt },
  { bytes: "\x89PNG", what: "a PNG picture", advice: chooseModel },
  { bytes: "\xff\xd8\xff", what: "a JPEG picture", advice: chooseModel },
  { bytes: "GIF8", what: "a GIF picture", advice: chooseModel },
  { bytes: "%PDF", what: "a PDF document", advice: chooseModel },
  { bytes: "\x00\x00\x08", what: "an IDX file, of images or labels", advice: chooseModel },
  {
    bytes: "version https://git-lfs",
    what: "only a pointer to a file in Git LFS",
    advice: "Fetch the file itself: git lfs pull.",
  },
];

/**
 * Throws if the first bytes of a file tell that it is none of those that networks are read from.
 * @param fileName what the error calls it
 * @throws FileFault that says what it is, and what to do
 */
export function refuseForeign(bytes: Uint8Array, fileName: string): void {
  const found = foreignFile(bytes, fileName);
  if (!found) return;
  const name = fileName.slice(Math.max(fileName.lastIndexOf("/"), fileName.lastIndexOf("\\")) + 1);
  throw new FileFault(
    fileName,
    `is ${found.what}`,
    found.advice.replace('"FILE"', () => quote(name)),
  );
}

function foreignFile(bytes: Uint8Array, fileName: string): ForeignFile | undefined {
  if (bytes.length === 0) return { what: "empty", advice: "Get the file again." };
  const begins = (text: string, at = 0) =>
    [...text].every((char, index) => bytes[at + index] === char.charCodeAt(0));
  if (isZip(bytes)) return archive(bytes, fileName);
  const known = beginnings.find(({ bytes: text, at }) => begins(text, at));
  if (known) return known;
  // A pickle says its version, an ONNX file that of its format, then comes a field of bytes.
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5)
    return { what: "a pickle of Python, as older versions of PyTorch write them", advice: fromTorch };
  if (bytes[0] === 0x08 && bytes[1] <= 32 && [0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42].includes(bytes[2]))
    return { what: "an ONNX file", advice: fromOnnx };
  const start = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().toLowerCase();
  if (start.startsWith("<"))
    return {
      what: "a web page or other XML",
      advice: "What was downloaded is not the file itself: get that.",
    };
  return undefined;
}

/** What a zip archive is, by the names in it. */
function archive(bytes: Uint8Array, fileName: string): ForeignFile {
  const names = namesIn(bytes, fileName);
  const has = (end: string) => names.some((name) => name.endsWith(end));
  if (has("data.pkl")) return { what: "a file of PyTorch, a pickle in a zip archive", advice: fromTorch };
  if (has(".npy")) return { what: "an .npz archive of numpy", advice: fromArrays };
  if (has("model.weights.h5")) return { what: "a model of Keras", advice: fromKeras };
  return {
    what: `a zip archive of ${names.slice(0, 5).map(quote).join(", ") || "nothing"}`,
    advice: unpackIt,
  };
}

/** The names of all files in an archive; of one that is cut short the first. */
function namesIn(bytes: Uint8Array, fileName: string): string[] {
  try {
    return readDirectory(bytes, fileName).map(({ path }) => path);
  } catch {
    const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
    return [new TextDecoder().decode(bytes.subarray(30, 30 + length))];
  }
}

const noWeights = "It holds no weights. Name the file that does: safetensors, or a network as JSON.";

/** JSON of others, by a key at its root. */
const foreignKeys: Readonly<Record<string, ForeignFile>> = {
  modelTopology: {
    what: "a model of TensorFlow.js, whose weights are in files beside it",
    advice: fromKeras,
  },
  weightsManifest: {
    what: "a model of TensorFlow.js, whose weights are in files beside it",
    advice: fromKeras,
  },
  class_name: { what: "the architecture of a Keras model", advice: noWeights },
  weight_map: { what: "an index of safetensors files", advice: "Name the safetensors file itself." },
  architectures: { what: "the configuration of a Hugging Face model", advice: noWeights },
  model_type: { what: "the configuration of a Hugging Face model", advice: noWeights },
  learner: { what: "a model of XGBoost", advice: chooseModel },
};

const itsOwn =
  'Write its layers as {"layers": [{"weight": [[...], ...], "bias": [...]}, ...]}, a row of a weight for each output.';

/**
 * Throws if a value that was read of a JSON file is one of another library.
 * @param fileName what the error calls it
 * @throws FileFault that says which, and what to do
 */
export function refuseForeignJson(file: Readonly<Record<string, unknown>>, fileName: string): void {
  const key = Object.keys(foreignKeys).find((name) => name in file);
  const found = key === undefined ? foreignLayers(file) : foreignKeys[key];
  if (found) throw new FileFault(fileName, `is ${found.what}`, found.advice);
}

/** Libraries in JavaScript that have a list of layers too, but other ones. */
function foreignLayers({
  layers,
  dataset,
  program,
}: Readonly<Record<string, unknown>>): ForeignFile | undefined {
  const keys: readonly string[] = Array.isArray(layers)
    ? layers.flatMap((layer) => Object.keys(Object(layer)))
    : [];
  if (keys.includes("layer_type")) return { what: "a network of ConvNetJS", advice: itsOwn };
  if (keys.includes("biases") || keys.includes("weights"))
    return { what: "a network of brain.js", advice: itsOwn };
  if (program !== undefined && dataset !== undefined)
    return { what: "the description of a run", advice: "Name the model.safetensors beside it." };
  return undefined;
}
