import { Command, CommanderError } from "commander";
import { UsageError, UserError } from "../errors.ts";
import { checkRuntime } from "../node/runtime.ts";
import { systemReason } from "../node/system-errors.ts";
import { writeLine } from "../node/terminal.ts";
import { programVersion } from "../node/version.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { infoCommand } from "./commands/info.ts";
import { predictCommand } from "./commands/predict.ts";
import { reportCommand } from "./commands/report.ts";
import { runsCommand } from "./commands/runs.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { trainCommand } from "./commands/train.ts";
import { commandText } from "./flags.ts";

/*
 * The command line. Exit codes: 0 all is well, 1 something that the message on stderr explains, 2 wrong usage, 128 and
 * more a signal.
 */

const debug = process.argv.includes("--debug");

// The first error is told: what is written after it fails as well.
process.stdout.once("error", brokenOutput).on("error", () => {});
// Without stderr there is nobody to tell.
process.stderr.on("error", () => {});
process.on("uncaughtException", (error) => {
  report(error);
  process.exit();
});

try {
  checkRuntime();
  await createProgram().parseAsync();
} catch (error) {
  report(error);
}

function createProgram(): Command {
  const program = new Command("mnist-webgpu")
    .description("Trains neural networks on MNIST with hand-written WebGPU compute shaders.")
    .version(programVersion)
    .addHelpText("after", () => `\nEvery command has its own help: ${commandText(["train", "--help"], {})}`);
  const commands = [
    ...[trainCommand, sweepCommand, evaluateCommand, predictCommand, runsCommand, reportCommand],
    ...[exportCommand, importCommand, infoCommand],
  ];
  for (const command of commands) program.addCommand(command());
  // commander throws what is wrong with the arguments; it is reported below, like every other error.
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  return program;
}

/** Tells the user what went wrong, and sets the exit code. */
function report(error: unknown): void {
  if (error instanceof CommanderError) {
    // Help and the version end this way too, with exit code 0.
    const usage = error.exitCode !== 0;
    process.exitCode = usage ? 2 : 0;
    if (usage && error.code !== "commander.help") complain(oneLine(error.message));
    return;
  }
  process.exitCode = error instanceof UsageError ? 2 : 1;
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof UserError) complain(`error: ${message}`);
  // What the WebGPU implementation says may have several lines.
  else complain(...`This is a bug in mnist-webgpu: ${message}`.split("\n"));
  if (debug) complain(...stack.split("\n"));
  else if (!(error instanceof UserError)) {
    complain("Please report it, with what the same command prints with --debug.");
  }
}

function complain(...lines: readonly string[]): void {
  for (const line of lines) writeLine(process.stderr, line);
}

/** Commander puts its suggestions on a line of their own. */
function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, " ");
}

/** Somebody like `head` has read enough, or the disk is full: what SIGPIPE is for, which Node ignores. */
function brokenOutput(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") complain(`error: stdout cannot be written (${systemReason(error)})`);
  if (!process.emit("SIGPIPE", "SIGPIPE")) process.exit(141);
}
