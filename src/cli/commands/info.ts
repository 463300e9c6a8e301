import { Command, Option } from "commander";
import { asGiven, UsageError, UserError } from "../../errors.ts";
import { type KernelResult, kernelNames, verifyKernels } from "../../kernels/verify.ts";
import { type FoundAdapter, findGpu, listAdapters, openFound } from "../../node/adapter.ts";
import { napping } from "../../node/napping.ts";
import { programName } from "../../node/version.ts";
import { sharedOptions } from "../flags.ts";
import { grouped } from "../format.ts";
import { Output } from "../output.ts";

interface InfoFlags {
  readonly adapter?: string;
  readonly debug?: boolean;
  /** The kernels to verify; `true` stands for all. */
  readonly verify?: readonly string[] | true;
  readonly json?: boolean;
}

/** `mnist-webgpu info`: what this machine computes with, and whether it computes rightly. */
export function infoCommand(): Command {
  return new Command("info")
    .description(
      "Adapters of this machine with their limits and features; with --verify, a check of every kernel",
    )
    .addOption(sharedOptions.adapter())
    .addOption(verifyOption())
    .addOption(sharedOptions.json("everything"))
    .addOption(sharedOptions.debug())
    .action(info);
}

function verifyOption(): Option {
  const help = "Run every kernel, or this one, on the adapter and compare it with the CPU reference";
  return new Option("--verify [kernel]", help).argParser((name) => {
    if (kernelNames.includes(name)) return [name];
    throw new UsageError(
      `--verify: got ${asGiven(name)}, expected nothing, for all, or one of ${kernelNames.join(", ")}.`,
    );
  });
}

async function info(flags: InfoFlags): Promise<void> {
  const output = new Output(flags);
  const adapters = flags.adapter === undefined ? await listAdapters(flags) : [await findGpu(flags)];
  const system = `Node ${process.version} on ${process.platform} ${process.arch}`;
  output.say(`${programName}, ${system}`);
  for (const found of adapters) for (const line of adapterLines(found)) output.say(line);
  const kernels = flags.verify && (await verify(adapters[0], flags, output));
  output.record({ program: programName, system, adapters: adapters.map(facts), ...(kernels && { kernels }) });
  const failed = kernels?.filter(({ passed }) => !passed).length ?? 0;
  if (failed > 0) {
    throw new UserError(
      `${failed} of ${kernels?.length} checks failed on ${adapters[0].name}: do not trust what it trains. ` +
        "Update its driver, or choose another adapter with --adapter.",
    );
  }
}

/** Runs every kernel against the reference on the adapter and shows the largest error of each. */
async function verify(found: FoundAdapter, flags: InfoFlags, output: Output): Promise<KernelResult[]> {
  output.say("");
  output.say(`Largest error of each kernel against the CPU reference, on ${found.description}:`);
  const gpu = await openFound(found, flags);
  const results: KernelResult[] = [];
  let shown = 0;
  // Prints a kernel's line as soon as the next kernel begins: on a slow adapter all of them take a while.
  const show = () => {
    if (results.length > shown) for (const line of kernelLines(results.slice(shown))) output.say(line);
    shown = results.length;
  };
  try {
    const onResult = (result: KernelResult) => {
      if (result.kernel !== results.at(-1)?.kernel) show();
      results.push(result);
    };
    await napping(verifyKernels(gpu, onResult, flags.verify === true ? kernelNames : flags.verify));
    show();
  } finally {
    gpu.destroy();
  }
  return results;
}

/** Width of the column of kernel names. */
const nameWidth = 24;

/** A line about the checks of one kernel, with the worst of them, and one about each that failed. */
function kernelLines(checks: readonly KernelResult[]): string[] {
  // NaN is the worst of all errors.
  const rank = ({ maxError }: KernelResult) => (Number.isNaN(maxError) ? Infinity : maxError);
  const worst = checks.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  const count = `${checks.length} ${checks.length === 1 ? "check" : "checks"}`;
  const error = worst.maxError.toExponential(1).padStart(8);
  return [
    `  ${worst.kernel.padEnd(nameWidth)}  ${error}  ${count}, worst: ${worst.case}`,
    ...checks
      .filter(({ passed }) => !passed)
      .map((failed) => `    FAILED ${failed.case}: off by ${failed.maxError}, allowed ${failed.tolerance}`),
  ];
}

/** What `--json` says of an adapter. */
function facts({ name, software, adapter }: FoundAdapter) {
  const { vendor, architecture, device, description } = adapter.info;
  return {
    name,
    software,
    vendor,
    architecture,
    device,
    description,
    features: [...adapter.features].sort(),
    limits: limitsOf(adapter),
  };
}

/** Limits by name. They are getters of the prototype, which `Object.entries` does not see. */
function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value: unknown = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[name] = value;
  }
  return limits;
}

function adapterLines(found: FoundAdapter): string[] {
  const { vendor, architecture, device, description, features, limits } = facts(found);
  const width = Math.max(...Object.keys(limits).map((name) => name.length));
  return [
    "",
    `Adapter: ${found.description}`,
    `  ${[vendor, architecture, device, description].filter(Boolean).join(", ")}`,
    `  features: ${features.join(", ")}`,
    "  limits:",
    ...Object.entries(limits).map(([name, value]) => `    ${name.padEnd(width)}  ${grouped(value)}`),
  ];
}
