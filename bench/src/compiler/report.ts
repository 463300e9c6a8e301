import { markdown } from "../markdown.ts";
import { type Chip, type ChipName, chips } from "./chips.ts";
import { callUs, gapUs, type ModelledStep, modelTogether } from "./model.ts";
import type { KernelStatistics } from "./statistics.ts";
import type { Case, RecordedStep } from "./step.ts";

/** What was found of one network on one chip. */
export interface CaseResult {
  readonly network: Case;
  readonly step: RecordedStep;
  /** Of its kernels, in order. */
  readonly statistics: readonly KernelStatistics[];
  readonly flops: number;
  readonly modelled: ModelledStep;
}

export interface ReportFacts {
  readonly chip: ChipName;
  readonly driver: string;
  readonly program: string;
}

/** The report of one chip, in Markdown. */
export function compilerReport(facts: ReportFacts, results: readonly CaseResult[]): string {
  const { chip: name, driver, program } = facts;
  const chip: Chip = chips[name];
  return `${[
    `# What a GPU's compiler makes of a training step: ${name}`,
    `${program}; ${chip.title}; ${driver}. Made by \`npm run bench -- --compiler\` without the hardware: registers, waves and ` +
      "cycles are the compiler's, times are a model of them and no measurement.",
    modelText(chip),
    "## Steps",
    stepTable(results),
    "GPU: dispatches one after another, with the gaps between them. Arithmetic, memory: what the step's floating-point " +
      "operations and the bytes that its dispatches have bound would take at the chip's full rates, and nothing else: the roofline. " +
      "Share of the rate: arithmetic by step; where it comes near 100%, the compiler's cycles are more hopeful than a card will be.",
    "## Many networks at once",
    "Modelled time of one step of N networks that are trained together, a layer of the grid each, in us, and how many times faster " +
      "that is than one after the other: waves and bytes of one network's kernels N times, gaps and the host's calls once. From " +
      "where twice as many take twice as long the card is full.",
    togetherTable(results.slice(0, mostTogether), chip),
    "## Kernels",
    ...results.flatMap(({ network, ...result }) => [`### ${network.name}`, kernelTable(result)]),
  ].join("\n\n")}\n`;
}

function modelText({ simds, megahertz, teraflops, gigabytesPerSecond }: Chip): string {
  return [
    "## The model",
    [
      `- The chip: ${simds} SIMDs at ${megahertz} MHz, ${teraflops} TFLOP/s of float32, ${gigabytesPerSecond} GB/s (the vendor's figures).`,
      "- A dispatch takes the longest of three: **issue**, the compiler's inverse throughput for all its waves, over all SIMDs; " +
        "**latency**, what the compiler expects a single wave to take; **memory**, every buffer that it has bound once, and " +
        "once more where it may write, at the memory's rate, as if there were no cache.",
      "- The compiler counts a loop as eight rounds, one within it as four. Here a kernel's loops are as long as its work wants them: the multiply-adds " +
        "of a product, or the loads of partial sums, that an invocation has to do, over those in the loops of its listing (rounds/8 " +
        "in the tables; empty: as the compiler has it). What lies outside of loops is not scaled.",
      `- Between two dispatches lie ${gapUs} us. The host takes ${callUs} us for each call by which it encodes (measured in Node: ` +
        "15 us for a step of 12 calls), while the GPU computes the steps before: the slower of both is the step.",
      "- Not in it: bank conflicts of workgroup memory, caches, how well the clock holds, drivers of other systems.",
    ].join("\n"),
  ].join("\n\n");
}

function stepTable(results: readonly CaseResult[]): string {
  const rows = results.map(({ network, step, flops, modelled }) => {
    const { gpuUs, hostUs, us, arithmeticUs, memoryUs } = modelled;
    return [
      network.name,
      figure(step.dispatches),
      figure(flops / 1e6),
      figure(step.bytes / 1e6),
      ...[gpuUs, hostUs, us].map(figure),
      Math.round(1e6 / us).toLocaleString("en-US"),
      ...[arithmeticUs, memoryUs].map(figure),
      `${figure((100 * arithmeticUs) / us)}%`,
    ];
  });
  return markdown(
    [
      "network",
      "dispatches",
      "MFLOP",
      "MB",
      "GPU, us",
      "host, us",
      "**step, us**",
      "steps/s",
      "arithmetic, us",
      "memory, us",
      "share of the rate",
    ],
    rows,
  );
}

/** The first cases are small networks, of which many fit a card at once. */
const mostTogether = 6;
const counts = [1, 8, 32, 128, 512];

function togetherTable(results: readonly CaseResult[], chip: Chip): string {
  const rows = results.map(({ network, step, statistics }) => {
    const us = counts.map((networks) => modelTogether(step, statistics, chip, networks));
    const cells = us.map((each, index) => `${figure(each)} (${figure((counts[index] * us[0]) / each)}x)`);
    return [network.name, figure(us[0]), ...cells.slice(1)];
  });
  return markdown(["network", "1", ...counts.slice(1).map(String)], rows);
}

function kernelTable({ step, statistics, modelled }: Omit<CaseResult, "network">): string {
  const rows = step.kernels.map((kernel, index) => {
    const { vgprs, spills, workgroupMemory, waves, codeBytes, latency, inverseThroughput } =
      statistics[index];
    const { us, bound, rounds } = modelled.kernels[index];
    return [
      kernel.pipeline.label,
      figure(kernel.times),
      `${kernel.workgroups} x ${kernel.workgroupSize}`,
      ...[vgprs, spills, workgroupMemory, waves, codeBytes, latency, inverseThroughput].map(String),
      rounds === 1 ? "" : figure(rounds),
      figure(us),
      bound,
    ];
  });
  return markdown(
    [
      "kernel",
      "a step",
      "workgroups",
      "VGPRs",
      "spills",
      "LDS, bytes",
      "waves a SIMD",
      "code, bytes",
      "latency",
      "inverse throughput",
      "rounds/8",
      "us",
      "by",
    ],
    rows,
  );
}

/** Three digits, more before the point. */
function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
