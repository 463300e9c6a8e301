import { dirname, join, parse } from "node:path";
import { Command } from "commander";
import { UsageError } from "../../errors.ts";
import { encodeJsonModel } from "../../model/json-model.ts";
import { encodeModel, withSettings } from "../../model/model-file.ts";
import { encodeOnnxEnsemble } from "../../model/onnx-file.ts";
import type { Config } from "../../model/settings.ts";
import { writeNew } from "../../node/files.ts";
import { programVersion } from "../../node/version.ts";
import { readModels } from "../ensemble.ts";
import { choiceOption, settingOption, sharedOptions, textOption } from "../flags.ts";
import { grouped } from "../format.ts";
import { type ModelFile, readToldModel } from "../model-files.ts";
import { Output } from "../output.ts";

const formats = ["onnx", "safetensors", "json"] as const;
type Format = (typeof formats)[number];

interface ExportFlags {
  readonly format: Format;
  readonly activation?: Config["activation"];
  readonly deskew?: boolean;
  readonly float16?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const help = `
Formats:
  onnx         a graph for ONNX runtimes (operator version 17): input "pixels", uint8 [batch, rows * columns], the bytes
               of images as MNIST has them, which the graph divides by 255; output "probabilities" [batch, classes]
  safetensors  float32 weights with PyTorch's names and layout, marked as PyTorch's; float16 ones with --float16
  json         a text to read: sizes, activation, and the numbers of every layer; \`import\` takes it back

Examples:
  mnist-webgpu export runs/first --format onnx             writes runs/first/model.onnx
  mnist-webgpu export runs/a runs/b runs/c --format onnx   writes runs/a/ensemble.onnx: the mean of three
  mnist-webgpu export model.safetensors --format json --out network.json`;

/** `mnist-webgpu export`: a network in a format that other programs read. */
export function exportCommand(): Command {
  return new Command("export")
    .description("Write a network for other programs: ONNX, PyTorch's safetensors, or JSON")
    .argument(
      "<run or model...>",
      "Run folder, or model file: safetensors or JSON; several make one ONNX file of their mean",
    )
    .addOption(choiceOption("--format <name>", "What to write", formats).makeOptionMandatory())
    .addOption(settingOption("activation", "what the file tells; needed where it does not"))
    .addOption(settingOption("deskew"))
    .option("--float16", "Round each number of a safetensors file to float16, for half the bytes")
    .addOption(
      textOption(
        "--out <file>",
        "Write this file, replacing what is there (default: a new file beside the model, named for its format)",
        "a file",
      ),
    )
    .addOption(sharedOptions.json("what was written"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(exportModel);
}

async function exportModel(
  sources: readonly string[],
  { format, out, activation, deskew, float16 = false, ...flags }: ExportFlags,
): Promise<void> {
  const output = new Output({ ...flags, out });
  const [, second] = sources;
  if (float16 && format !== "safetensors")
    throw new UsageError(
      `--float16 is for --format safetensors, but the format is ${format}. Leave one out.`,
    );
  if (second !== undefined && format !== "onnx") {
    throw new UsageError(
      `--format ${format} holds one network, but ${sources.length} are named, ${second} among them. ` +
        "Export them one by one, or together with --format onnx.",
    );
  }
  const { notice } = output;
  const models = await readModels(sources, { notice, activation, deskew }, readToldModel);
  const [model] = models;
  const bytes = encoders[format](models, float16 ? "F16" : undefined);
  const name = second === undefined ? parse(model.path).name : "ensemble";
  const file = await writeNew(out, join(dirname(model.path), `${name}.${format}`), bytes);
  const networks = models.map(({ description }) => description).join("; ");
  const what = second === undefined ? "network" : `the mean of ${models.length} networks,`;
  output.say(`Wrote ${file} (${grouped(bytes.length)} bytes): ${what} ${networks}.`);
  const facts = models.map(({ path, network, activation }) => ({ model: path, network, activation }));
  output.record({ file, format, ...(second === undefined ? facts[0] : { models: facts }) });
}

const encoders: Record<Format, (models: readonly ModelFile[], stored?: "F16") => Uint8Array> = {
  onnx: (members) =>
    encodeOnnxEnsemble({
      members,
      // What the members were trained with is of each alone.
      metadata: members.length === 1 ? members[0].metadata : new Map(),
      producer: { name: "mnist-webgpu", version: programVersion },
    }),
  // Libraries of Hugging Face refuse a file without this mark.
  safetensors: ([{ parameters, metadata, activation }], stored) =>
    encodeModel({ parameters, metadata: withSettings(metadata, { activation }).set("format", "pt") }, stored),
  json: ([model]) => new TextEncoder().encode(encodeJsonModel(model, model.activation)),
};
