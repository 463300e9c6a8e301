import { Command } from "commander";
import { className, classTitle, type ImageShape, imageAt } from "../../data/dataset.ts";
import { prepareImage } from "../../data/prepare-image.ts";
import { UsageError, UserError } from "../../errors.ts";
import { readPicture } from "../../node/picture.ts";
import { readBytes } from "../../node/read-bytes.ts";
import { openCompute } from "../compute.ts";
import { loadFor, predictWith, readModels, spokesmanOf } from "../ensemble.ts";
import { configFrom, countOption, type SettingFlags, settingOption, sharedOptions } from "../flags.ts";
import { percent } from "../format.ts";
import { usualData } from "../inference.ts";
import type { ModelFile } from "../model-files.ts";
import { Output } from "../output.ts";

interface PredictFlags extends SettingFlags {
  /** One file, or those of an ensemble. */
  readonly model: readonly string[];
  readonly index?: number;
  readonly data?: string;
  readonly adapter?: string;
  readonly debug?: boolean;
  readonly json?: boolean;
}

/** One image to classify. */
interface Picture {
  /** What the output calls it. */
  readonly name: string;
  /** `[rows * columns]` */
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
  /** What the classes are called, where they have names. */
  readonly classNames?: readonly string[] | undefined;
  /** Its class, where that is known. */
  readonly label?: number;
  /** Further facts for `--json`. */
  readonly facts: object;
}

/** Pictures are prepared as MNIST's images are. */
const mnistImage: ImageShape = { rows: 28, columns: 28 };

/** `mnist-webgpu predict`: what a model file makes of single images. */
export function predictCommand(): Command {
  return new Command("predict")
    .description("Class and probabilities of PNG and JPEG images, or of one image of the test split")
    .argument("[image...]", "PNG or JPEG files, one digit each, of any size, dark on light or light on dark")
    .addOption(sharedOptions.model())
    .addOption(sharedOptions.activation())
    .addOption(countOption("--index <n>", "Take this image of the test split, counted from 0"))
    .addOption(settingOption("dataset", usualData.dataset))
    .addOption(sharedOptions.data())
    .addOption(settingOption("transpose", usualData.transpose))
    .addOption(settingOption("deskew"))
    .addOption(settingOption("backend"))
    .addOption(sharedOptions.adapter())
    .addOption(sharedOptions.json("one object an image"))
    .addOption(sharedOptions.debug())
    .addHelpText(
      "after",
      "\nExamples:\n  mnist-webgpu predict --model model.safetensors seven.png" +
        "\n  mnist-webgpu predict --model model.safetensors --index 0 --json",
    )
    .action(predict);
}

async function predict(files: readonly string[], flags: PredictFlags): Promise<void> {
  const output = new Output(flags);
  const { backend } = configFrom(flags);
  checkWanted(files, flags);
  const { notice } = output;
  const models = await readModels(flags.model, {
    notice,
    activation: flags.activation,
    deskew: flags.deskew,
  });
  const model = spokesmanOf(models);
  const pictures =
    flags.index === undefined
      ? await readPictures(files, models, notice)
      : [await testImage(flags.index, flags, models, output)];
  const compute = await openCompute({ ...flags, backend, notice });
  try {
    output.say(`Adapter: ${compute.description}`);
    for (const { description } of models) output.say(`Network: ${description}`);
    const images = Uint8Array.from(pictures.flatMap(({ pixels }) => [...pixels]));
    const probabilities = await predictWith(models, compute, images, pictures[0].shape);
    const classes = probabilities.length / pictures.length;
    pictures.forEach((picture, index) => {
      const own = probabilities.subarray(index * classes, (index + 1) * classes);
      show({ classNames: model.classNames, ...picture }, own, output);
    });
  } finally {
    compute.destroy();
  }
}

function checkWanted(files: readonly string[], flags: PredictFlags): void {
  const { index } = flags;
  if (index === undefined && files.length === 0) {
    throw new UsageError(
      "predict: there is nothing to classify. Name PNG or JPEG files, or a test image with --index.",
    );
  }
  if (index !== undefined && files.length > 0) {
    throw new UsageError(`--index ${index} and ${files[0]} exclude each other. Leave one of them out.`);
  }
  const idle = (["data", "dataset", "transpose"] as const).find((name) => flags[name] !== undefined);
  if (index === undefined && idle) {
    throw new UsageError(
      `--${idle} is of no use for pictures. Leave it out, or name a test image with --index.`,
    );
  }
}

async function readPictures(
  files: readonly string[],
  models: readonly ModelFile[],
  notice: (line: string) => void,
): Promise<Picture[]> {
  const { rows, columns } = mnistImage;
  for (const { path, network, sizes, shape } of models) {
    if (sizes[0] === rows * columns && (!shape || shape.rows === rows)) continue;
    const pixels = shape ? `${shape.rows}x${shape.columns}` : sizes[0];
    throw new UserError(
      `${path} holds a network ${network} for images of ${pixels} pixels, but pictures are prepared as MNIST's ` +
        `${rows}x${columns} = ${rows * columns}. Choose a model for such images, or name a test image with --index.`,
    );
  }
  const pictures: Picture[] = [];
  // One after the other: a large one takes memory while it is read.
  for (const file of files) {
    const image = await readPicture(await readBytes(file), file);
    const prepared = prepareImage(image, mnistImage, file, notice);
    pictures.push({ name: file, pixels: prepared, shape: mnistImage, facts: { image: file } });
  }
  return pictures;
}

async function testImage(
  index: number,
  flags: PredictFlags,
  models: readonly ModelFile[],
  output: Output,
): Promise<Picture> {
  const { notice } = output;
  const { name, test, classNames } = await loadFor(models, flags, notice);
  if (index >= test.count) {
    throw new UserError(
      `--index ${index}: the test split of ${name} has ${test.count} images. Use at most ${test.count - 1}.`,
    );
  }
  const label = test.labels[index];
  return {
    name: `test image ${index} of ${name}`,
    pixels: imageAt(test, index),
    shape: test,
    label,
    classNames,
    facts: { dataset: name, index, label },
  };
}

/** Length of the bar that stands for a probability of 1. */
const barLength = 40;

function show(
  { name, label, facts, classNames }: Picture,
  probabilities: Float32Array,
  output: Output,
): void {
  const best = probabilities.reduce((top, value, digit) => (value > probabilities[top] ? digit : top), 0);
  const truth = label === undefined ? "" : `, labelled ${className(classNames, label)}`;
  output.say("");
  output.say(`${name}: ${className(classNames, best)}${truth}`);
  const titles = Array.from(probabilities, (_, digit) => classTitle(classNames, digit));
  const margin = Math.max(...titles.map((title) => title.length));
  probabilities.forEach((probability, digit) => {
    const bar = "#".repeat(Math.round(probability * barLength));
    const title = classNames ? `   ${titles[digit].padEnd(margin)}` : titles[digit].padStart(4);
    output.say(`${title}  ${percent(probability).padStart(7)}  ${bar}`.trimEnd());
  });
  output.record({
    ...facts,
    class: best,
    ...(classNames && { className: classNames[best] }),
    probabilities: [...probabilities],
  });
}
