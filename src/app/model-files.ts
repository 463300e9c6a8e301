import { version } from "../../package.json";
import { imageSize } from "../data/dataset.ts";
import { largestFile } from "../data/file-fault.ts";
import { UserError } from "../errors.ts";
import { type Activation, activationNames } from "../model/activations.ts";
import { decodeAnyModel } from "../model/any-model.ts";
import { placesInNetwork, withOutputsAt } from "../model/class-places.ts";
import { quote } from "../model/file-values.ts";
import {
  activationOf,
  classNamesOf,
  encodeModel,
  type Model,
  modelMetadata,
  settingOf,
  shapeOf,
} from "../model/model-file.ts";
import { networkName, sizesOf } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { readFile } from "./data/read-file.ts";
import { latePart } from "./data/request.ts";
import { programName } from "./program.ts";
import { saveFile } from "./save-file.ts";
import { ask, toast } from "./toasts.ts";
import type { Training } from "./training.ts";

/** The formats that the page saves. */
type SavedFormat = "safetensors" | "onnx";

/** How the names of model files end. */
export const modelExtensions: readonly string[] = [".safetensors", ".json"];

export function isModelFile(name: string): boolean {
  return modelExtensions.some((extension) => name.toLowerCase().endsWith(extension));
}

/** Has the browser save the network as it is now, with what it was trained with. Returns the file's name. */
export async function saveModel(training: Training, format: SavedFormat): Promise<string> {
  const { config, dataset } = training;
  const parameters = await training.trainer.engine.readParameters();
  const network = networkName(sizesOf(parameters));
  const metadata = modelMetadata(programName, parameters, { config, dataset });
  const bytes = await encoders[format]({ parameters, metadata }, config);
  const file = `mnist-${network}.${format}`;
  saveFile(file, bytes);
  return file;
}

type Encoder = (model: Model, config: Config) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;

const encoders: Record<SavedFormat, Encoder> = {
  safetensors: (model) => encodeModel(model),
  // Few want it: its code is loaded when it is asked for.
  onnx: async (model, { activation, deskew }) => {
    const { encodeOnnx } = await latePart("What writes ONNX files", () => import("../model/onnx-file.ts"));
    return encodeOnnx({
      ...model,
      activation,
      deskew,
      shape: shapeOf(model),
      producer: { name: "mnist-webgpu", version },
    });
  },
};

/**
 * Replaces the network by that of a model file, whatever hidden layers it has. What they apply is what the file tells, or
 * else what is answered when the page asks. Its outputs take the order of the classes of the data (see `classPlaces`). Returns
 * what to say of it, or nothing if there was no answer.
 * @throws UserError if the file is broken or its network does not fit the data; the network there is stays
 */
export async function loadModel(training: Training, file: File): Promise<string | undefined> {
  if (file.size > largestFile)
    throw new UserError(
      `${file.name} has ${file.size} bytes: more than a model file that this page can read.`,
    );
  const model = decodeAnyModel(await readFile(file), file.name);
  const { parameters } = model;
  const sizes = sizesOf(parameters);
  const network = networkName(sizes);
  const shape = shapeOf(model);
  const beginning = () => {
    const { name, train, classes } = training.dataset;
    if (shape && (shape.rows !== train.rows || shape.columns !== train.columns)) {
      throw new UserError(
        `${file.name} holds a network for images of ${shape.rows}x${shape.columns} pixels, but those of ${name} have ` +
          `${train.rows}x${train.columns}. Choose a model that was trained on such data.`,
      );
    }
    if (sizes[0] !== imageSize(train) || sizes.at(-1) !== classes) {
      throw new UserError(
        `${file.name} holds a network ${network}, but ${name} needs one with ${imageSize(train)} inputs ` +
          `and ${classes} outputs. Choose a model that was trained on such data.`,
      );
    }
    const own = { path: file.name, classes, classNames: classNamesOf(model) };
    const places = placesInNetwork(training.dataset, own, Array(classes).keys());
    return {
      origin: { parameters: places ? withOutputsAt(parameters, places) : parameters, file: file.name },
    };
  };
  // Nobody is asked about what cannot be; other data may be chosen before its turn.
  beginning();
  const hidden = sizes.slice(1, -1);
  for (const remark of model.remarks) toast(remark);
  const activation = activationOf(model, file.name) ?? (await askedActivation(training, file.name, hidden));
  if (activation === undefined) return undefined;
  const deskew = settingOf(model, "deskew") ?? false;
  await training.replace({ hidden, activation, deskew }, beginning, file.name);
  const { name } = training.dataset;
  const trainedOn = model.metadata.get("dataset") ?? name;
  const elsewhere =
    trainedOn === name ? "" : ` It was trained on ${quote(trainedOn)}, and the data here is ${name}.`;
  return `The network ${network} of ${file.name} is loaded.${elsewhere}`;
}

/** What hidden layers apply in a file that does not tell; without any, it makes no difference. */
async function askedActivation(
  { config }: Training,
  fileName: string,
  hidden: readonly number[],
): Promise<Activation | undefined> {
  if (hidden.length === 0) return config.activation;
  return ask(
    `${fileName} does not tell what its hidden layers apply to their sums (PyTorch's examples mostly have relu). Which?`,
    activationNames,
  );
}
