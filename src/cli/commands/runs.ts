import { Command } from "commander";
import { type Config, unusualSettings } from "../../model/settings.ts";
import { flagWith, sharedOptions } from "../flags.ts";
import { grouped, localDay, two } from "../format.ts";
import { Output } from "../output.ts";
import { accuracyText, lossText } from "../report/figures.ts";
import { columnsFor, epochsText, type RunColumn } from "../runs/run-columns.ts";
import { runsFolder } from "../runs/run-places.ts";
import { type Run, readRuns } from "../runs/run-reader.ts";

const help = `
Loss and accuracy are those on the test split, validation the best accuracy on validation images, if any run has them;
the settings are those that are not at their defaults.

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
  const runs = await readRuns(folder, output.notice);
  if (runs.length === 0) output.say(`${folder} holds no runs.`);
  else for (const line of table(runs)) output.say(line);
  for (const run of runs) output.record(facts(run));
}

const columns: readonly RunColumn[] = [
  { head: "run", text: ({ name }) => name },
  { head: "started", text: ({ description }) => localTime(description.started) },
  { head: "state", text: ({ state }) => state },
  { head: "network", text: ({ description }) => description.network },
  { head: "epochs", text: epochsText, isNumber: true },
  { head: "steps", text: ({ steps }) => grouped(steps), isNumber: true },
  { head: "loss", text: ({ test }) => test && lossText(test.loss), isNumber: true },
  { head: "accuracy", text: ({ test }) => test && accuracyText(test.accuracy), isNumber: true },
  {
    head: "validation",
    text: ({ best }) => best && accuracyText(best.accuracy),
    isNumber: true,
    isOptional: true,
  },
  { head: "settings", text: ({ description }) => settingsText(description.config) },
];

/** Settings as flags; the network tells the hidden layers, and the epochs have a column. */
function settingsText(config: Config): string {
  return unusualSettings(config)
    .filter((setting) => setting !== "hidden" && setting !== "epochs")
    .map((setting) => flagWith(setting, config[setting]))
    .join(" ");
}

/** Lines of text with the columns below each other; numbers end there. */
function table(runs: readonly Run[]): string[] {
  const shown = columnsFor(columns, runs);
  const rows = [
    shown.map(({ head }) => head),
    ...runs.map((run) => shown.map(({ text }) => text(run) ?? "-")),
  ];
  const widths = shown.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        shown[column].isNumber ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** `2026-01-31 09:05` */
function localTime(timestamp: string): string {
  const date = new Date(timestamp);
  return `${localDay(date)} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What `--json` says of a run. */
function facts({ path, description, epochs, state, steps, test, best }: Run) {
  const { name, started, network, dataset, config } = description;
  const last = epochs.at(-1);
  return {
    ...{ folder: path, name, started, state, network, dataset: dataset.name },
    ...{ epochs: last?.epoch ?? 0, steps },
    ...(last && { training: { loss: last.loss, accuracy: last.accuracy } }),
    ...(test && { test: { loss: test.loss, accuracy: test.accuracy } }),
    ...(best && { best }),
    settings: Object.fromEntries(unusualSettings(config).map((setting) => [setting, config[setting]])),
  };
}
