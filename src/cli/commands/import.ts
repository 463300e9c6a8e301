import { Command } from "commander";
import { encodeModel, withSettings } from "../../model/model-file.ts";
import type { Config } from "../../model/settings.ts";
import { writeNew } from "../../node/files.ts";
import { choiceOption, settingOption, sharedOptions, textOption } from "../flags.ts";
import { type ModelFormat, readModel } from "../model-files.ts";
import { Output } from "../output.ts";

interface ImportFlags {
  readonly format?: ModelFormat;
  readonly activation?: Config["activation"];
  readonly out?: string;
  readonly json?: boolean;
}

const help = `
A safetensors file may hold any fully connected layers, with names as PyTorch's state_dict() gives them
(0.weight, 0.bias, 2.weight, ... or fc1.weight, fc2.weight, ...). It does not tell the activation between them: give it.

Examples:
  mnist-webgpu import torch.safetensors --activation relu --out mine.safetensors
  mnist-webgpu import network.json`;

const defaultFile = "model.safetensors";

/** `mnist-webgpu import`: a network of another program as a model file of this one. */
export function importCommand(): Command {
  return new Command("import")
    .description("Make a model file of a network that PyTorch wrote as safetensors, or of our JSON")
    .argument("<file>", "File to read")
    .addOption(
      choiceOption(
        "--format <name>",
        "What the file is (default: json if it is named so, else safetensors)",
        ["safetensors", "json"],
      ),
    )
    .addOption(settingOption("activation", "what the file tells, else sigmoid"))
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

async function importModel(source: string, { format, out, ...flags }: ImportFlags): Promise<void> {
  const output = new Output(flags);
  const model = await readModel(source, format);
  const { parameters, network, sizes } = model;
  const activation = flags.activation ?? model.activation;
  const metadata = withSettings(model.metadata, { hidden: sizes.slice(1, -1), activation });
  // The mark by which other programs say who wrote a file ("pt") is not true of this one.
  metadata.delete("format");
  const bytes = encodeModel({ parameters, metadata: metadata.set("network", network) });
  const file = await writeNew(out, defaultFile, bytes);
  output.say(`Wrote ${file}: network ${network} of ${source}, ${activation}.`);
  output.record({ file, source, network, activation });
}
