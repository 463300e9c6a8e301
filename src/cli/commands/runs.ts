import { Command } from "commander";
import { type Config, defaultConfig, formatSetting, settingNames } from "../../model/settings.ts";
import { flagWith, sharedOptions } from "../flags.ts";
import { grouped } from "../format.ts";
import { Output } from "../output.ts";
import { accuracyText, lossText } from "../report/figures.ts";
import { runsFolder } from "../run-folder.ts";
import { type Run, readRuns } from "../run-reader.ts";

const help = `
Loss and accuracy are those on the test split; the settings are those that are not at their defaults.

Examples:
  mnist-webgpu runs
  mnist-webgpu runs experiments --json | jq -s 'max_by(.test.accuracy).folder'`;

/** `mnist-webgpu runs`: the runs in a folder. */
export function runsCommand(): Command {
  return new Command("runs")
    .description("List the runs in a folder, with their settings, figures and state")
    .argument("[folder]", "Folder that holds run folders", runsFolder)
    .addOption(sharedOptions.json("one object a run"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(listRuns);
}

async function listRuns(folder: string, flags: { readonly json?: boolean }): Promise<void> {
  const output = new Output(flags);
  const runs = await readRuns(folder, (line) => output.notice(line));
  if (runs.length === 0) output.say(`${folder} holds no runs.`);
  else for (const line of table([heads, ...runs.map(cells)])) output.say(line);
  for (const run of runs) output.record(facts(run));
}

const heads = ["run", "started", "state", "network", "epochs", "steps", "loss", "accuracy", "settings"];
/** Columns of numbers, which end below each other. */
const right = new Set(["epochs", "steps", "loss", "accuracy"]);

function cells({ name, description, epochs, state, steps, test }: Run): string[] {
  const { started, network, config } = description;
  return [
    ...[name, localTime(started), state, network],
    ...[`${grouped(epochs.at(-1)?.epoch ?? 0)}/${grouped(config.epochs)}`, grouped(steps)],
    ...[test ? lossText(test.loss) : "-", test ? accuracyText(test.accuracy) : "-"],
    // The network tells the hidden layers, and the epochs have a column.
    changed(config)
      .filter((setting) => setting !== "hidden" && setting !== "epochs")
      .map((setting) => flagWith(setting, config[setting]))
      .join(" "),
  ];
}

/** The settings that are not at their defaults. */
function changed(config: Config) {
  return settingNames.filter(
    (name) => formatSetting(name, config[name]) !== formatSetting(name, defaultConfig[name]),
  );
}

/** Lines of text with the columns below each other. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right.has(heads[column]) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** `2026-01-31 09:05` */
function localTime(timestamp: string): string {
  const date = new Date(timestamp);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What `--json` says of a run. */
function facts({ path, description, epochs, state, steps, test }: Run) {
  const { name, started, network, dataset, config } = description;
  const last = epochs.at(-1);
  return {
    ...{ folder: path, name, started, state, network, dataset: dataset.name },
    ...{ epochs: last?.epoch ?? 0, steps },
    ...(last && { training: { loss: last.loss, accuracy: last.accuracy } }),
    ...(test && { test: { loss: test.loss, accuracy: test.accuracy } }),
    settings: Object.fromEntries(changed(config).map((setting) => [setting, config[setting]])),
  };
}
