import { Command } from "commander";
import { type ModelFormat, modelFormats } from "../../model/any-model.ts";
import { encodeModel, withSettings } from "../../model/model-file.ts";
import { foldNormalisation } from "../../model/normalisation.ts";
import type { Config } from "../../model/settings.ts";
import { writeNew } from "../../node/files.ts";
import { choiceOption, numberOption, settingOption, sharedOptions, textOption } from "../flags.ts";
import { readToldModel } from "../model-files.ts";
import { Output } from "../output.ts";

interface ImportFlags {
  readonly format?: ModelFormat;
  readonly activation?: Config["activation"];
  readonly deskew?: boolean;
  readonly mean?: number;
  readonly std?: number;
  readonly out?: string;
  readonly json?: boolean;
}

const help = `
A safetensors file may hold any fully connected layers, [outputs, inputs], as PyTorch's state_dict() gives them. They
follow each other as their shapes fit, and where several orders do, as their names are numbered. It does not tell the
activation between them, nor how pixels were normalised: give both. Networks here take pixels from 0 to 1.

Examples:
  mnist-webgpu import torch.safetensors --activation relu --mean 0.1307 --std 0.3081 --out mine.safetensors
  mnist-webgpu import network.json`;

const defaultFile = "model.safetensors";

/** `mnist-webgpu import`: a network of another program as a model file of this one. */
export function importCommand(): Command {
  return new Command("import")
    .description("Make a model file of a network that PyTorch wrote as safetensors, or of our JSON")
    .argument("<file>", "File to read")
    .addOption(
      choiceOption("--format <name>", "What the file is, if not what its first bytes tell", modelFormats),
    )
    .addOption(settingOption("activation", "what the file tells; needed where it does not"))
    .addOption(settingOption("deskew"))
    .addOption(
      numberOption(
        "--mean <x>",
        "What was taken off pixels from 0 to 1 when the network was trained, as transforms.Normalize does: usually " +
          "0.1307 for MNIST; folded into the first layer (default: 0)",
      ),
    )
    .addOption(
      numberOption(
        "--std <x>",
        "What they were then divided by: usually 0.3081 for MNIST (default: 1)",
        "above 0",
      ),
    )
    .addOption(
      textOption(
        "--out <file>",
        `Write this file, replacing what is there (default: a new ${defaultFile})`,
        "a file",
      ),
    )
    .addOption(sharedOptions.json("what was written"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(importModel);
}

async function importModel(source: string, flags: ImportFlags): Promise<void> {
  const output = new Output(flags);
  const { mean = 0, std = 1, out, ...given } = flags;
  const model = await readToldModel(source, { ...given, notice: output.notice });
  const { network, sizes, activation } = model;
  const isNormalised = mean !== 0 || std !== 1;
  const parameters = isNormalised
    ? foldNormalisation(model.parameters, { mean, std }, source)
    : model.parameters;
  const metadata = withSettings(model.metadata, { hidden: sizes.slice(1, -1), activation });
  // The mark by which other programs say who wrote a file ("pt") is not true of this one.
  metadata.delete("format");
  const bytes = encodeModel({ parameters, metadata: metadata.set("network", network) });
  const file = await writeNew(out, defaultFile, bytes);
  const folded = isNormalised ? `, with mean ${mean} and standard deviation ${std} in its first layer` : "";
  output.say(`Wrote ${file}: network ${network} of ${source}, ${activation}${folded}.`);
  output.record({ file, source, network, activation, ...(isNormalised && { mean, std }) });
}
