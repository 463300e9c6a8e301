import { networkName } from "../../src/model/parameters.ts";
import { type ContenderName, contenderNames, contenders } from "./contenders.ts";
import { type Card, floorOf, rtx4090 } from "./floor.ts";
import { markdown } from "./markdown.ts";
import type { ProgressCost } from "./progress-cost.ts";
import type { Results } from "./results.ts";
import { kernelsText } from "./results-names.ts";
import type { RatioOverRuns } from "./runs.ts";
import type { ConfigurationResult, ContenderResult } from "./side-by-side.ts";
import { figure, ratioText } from "./statistics.ts";
import type { AccuracyResult, TimeToAccuracy } from "./time-to-accuracy.ts";

/** The table for the README: steps per second of everybody, and how many times faster ours is. */
export function speedTable({ configurations, adapter, dataset, system, options }: Results): string {
  const names = contenderNames.filter((name) => configurations.some(({ contenders }) => contenders[name]));
  const rows = configurations.map((result) => [
    `${networkName(result.workload.sizes)}, ${result.workload.batchSize}`,
    ...names.map((name) => speedCell(result, name)),
  ]);
  const about =
    `Steps per second on ${adapter} (${system.cpu}, ${system.cores} cores, ${system.node}), ${dataset}, ` +
    `plain SGD${kernelsText(options.kernels)}: median of ${options.rounds} interleaved rounds of ${options.seconds} s each. In brackets, how many times faster ` +
    "mnist-webgpu was, as the median over the rounds.";
  return `${about}\n\n${markdown(["network, batch", ...names.map((name) => contenders[name].title)], rows)}`;
}

function speedCell({ contenders, ratios }: ConfigurationResult, name: ContenderName): string {
  const result = contenders[name];
  if (!result) return "";
  const speed = figure(result.stepsPerSecond.median);
  const ratio = ratios[name];
  return ratio ? `${speed} (${figure(ratio.median)}x)` : `**${speed}**`;
}

/** Everything that was measured, as a document of its own. */
export function fullReport(results: Results): string {
  const parts = [
    `# Benchmark on ${results.adapter}`,
    `${results.date}, ${results.program}.`,
    speedTable(results),
  ];
  const absent = Object.entries(results.leftOut) as [ContenderName, string][];
  for (const [name, reason] of absent) parts.push(`Left out: ${contenders[name].title} (${reason}).`);
  for (const configuration of results.configurations) parts.push(detailTable(configuration));
  parts.push(floorTable(results.configurations, rtx4090));
  if (results.overRuns) parts.push(overRunsTable(results.overRuns));
  if (results.timeToAccuracy) parts.push(accuracyTable(results.timeToAccuracy));
  if (results.progressCost) {
    parts.push("## What progress costs", progressText(results.progressCost));
  }
  if (results.memoryOverEpochs) {
    const { network, dataset, residentBytes } = results.memoryOverEpochs;
    parts.push(
      "## Memory over epochs",
      `${network}, ${dataset} resident on the adapter, resident memory of the process after each epoch in MB: ` +
        `${residentBytes.map((bytes) => megabytes(bytes)).join(", ")}.`,
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function progressText({ network, pairs, ...cost }: ProgressCost): string {
  const { withProgress, without, relative, relativeError, processorRelative, processorError } = cost;
  const error = (share: number) => (share * 100).toFixed(1);
  return (
    `${network}: ${figure(withProgress.median)} steps/s with metrics and progress, ${figure(without.median)} without: ` +
    `${percent(relative.median - 1)}%, give or take ${error(relativeError)}, median over ${pairs} pairs of stretches. ` +
    `In processor time a step, ${percent(1 / processorRelative.median - 1)}%, give or take ${error(processorError)}.`
  );
}

/** `+0.4` of 0.004. */
function percent(share: number): string {
  return `${share < 0 ? "" : "+"}${(share * 100).toFixed(1)}`;
}

function detailTable(result: ConfigurationResult): string {
  const names = contenderNames.filter((name) => result.contenders[name]);
  const rows = names.map((name) => detailRow(name, result.contenders[name]!, result));
  const work =
    `${figure(result.flopsPerStep / 1e6)} MFLOP a step; at least ` +
    `${figure(result.memoryBytesPerStep / 1e6)} MB moved to and from memory without caches.`;
  const head = [
    "",
    "steps/s (min to max)",
    "mnist-webgpu is faster by",
    "first step, ms",
    "host, us/step",
    "processor, us/step",
    "dispatches/step",
    "bytes up, down/step",
    "10,000 images, ms",
    "GPU buffers, MB",
    "process, MB",
  ];
  return `## ${result.name}\n\n${work}\n\n${markdown(head, rows)}`;
}

function detailRow(name: ContenderName, result: ContenderResult, { ratios }: ConfigurationResult): string[] {
  const { stepsPerSecond, gpuPerStep, inferenceMs, gpuBytes, residentBytes } = result;
  const { processorMicrosecondsPerStep } = result;
  const ratio = ratios[name];
  return [
    contenders[name].title,
    `${figure(stepsPerSecond.median)} (${figure(stepsPerSecond.min)} to ${figure(stepsPerSecond.max)})`,
    ratio ? ratioText(ratio) : "",
    figure(result.firstStepMs),
    figure(result.hostMicrosecondsPerStep),
    processorMicrosecondsPerStep === undefined ? "" : figure(processorMicrosecondsPerStep),
    gpuPerStep ? figure(gpuPerStep.dispatches) : "",
    gpuPerStep ? `${figure(gpuPerStep.uploadBytes)}, ${figure(gpuPerStep.readbackBytes)}` : "",
    inferenceMs ? figure(inferenceMs.median) : "",
    gpuPerStep ? megabytes(gpuBytes) : "",
    residentBytes === undefined ? "" : megabytes(residentBytes),
  ];
}

function accuracyTable({ workload, targets, contenders: results }: TimeToAccuracy): string {
  const { sizes, batchSize, learningRate, activation, optimizer } = workload;
  const names = contenderNames.filter((name) => results[name]);
  const rows = names.map((name) => [
    contenders[name].title,
    ...targets.map((_, index) => accuracyCell(results[name]!, index)),
  ]);
  const about =
    `${networkName(sizes)}, ${activation}, batch ${batchSize}, ${optimizer} at ${learningRate}, as in the MNIST demo of jax-js: seconds of training until the test ` +
    "accuracy was first reached, looked at four times an epoch, evaluations not counted.";
  const head = ["", ...targets.map((target) => `${target * 100}%`)];
  return `## Time to accuracy\n\n${about}\n\n${markdown(head, rows)}`;
}

function accuracyCell({ reached, estimatedSeconds, stopped }: AccuracyResult, index: number): string {
  const hit = reached[index];
  if (hit) return `${figure(hit.seconds)} s (${hit.steps} steps)`;
  const estimate = estimatedSeconds?.[index];
  const until = stopped ? `not in ${figure(stopped.seconds)} s` : "not reached";
  return estimate === undefined ? until : `${until}; about ${figure(estimate)} s at its speed`;
}

/** What a card would allow ours at most, from the dispatches that a GPU's kernels take and the work that must be done. */
function floorTable(configurations: readonly ConfigurationResult[], card: Card): string {
  const rows = configurations.map(({ workload, flopsPerStep, memoryBytesPerStep, gpuDispatchesPerStep }) => {
    const { seconds, because } = floorOf(
      { dispatches: gpuDispatchesPerStep, flops: flopsPerStep, bytes: memoryBytesPerStep },
      card,
    );
    return [
      `${networkName(workload.sizes)}, ${workload.batchSize}`,
      figure(gpuDispatchesPerStep),
      figure(flopsPerStep / 1e6),
      figure(memoryBytesPerStep / 1e6),
      `${figure(seconds * 1e6)} (${because})`,
      figure(1 / seconds),
    ];
  });
  const about =
    `Computed, not measured, for a ${card.name}: ${figure(card.flops / 1e12)} TFLOP/s in float32, ` +
    `${figure(card.bandwidth / 1e9)} GB/s, and ${figure(card.dispatchSeconds * 1e6)} us assumed from one dispatch to ` +
    "the next that depends on it. A step takes at least the longest of the three.";
  const head = ["network, batch", "dispatches", "MFLOP", "MB", "floor, us/step", "steps/s at most"];
  return `## What a GPU would allow\n\n${about}\n\n${markdown(head, rows)}`;
}

function overRunsTable(ratios: readonly RatioOverRuns[]): string {
  const rows = ratios.map(({ configuration, peer, runs, medians }) => [
    configuration,
    contenders[peer].title,
    String(runs),
    ratioText(medians),
  ]);
  const about =
    "How many times faster mnist-webgpu was, over runs at different times: median and range of the runs' medians.";
  return `## Over several runs\n\n${about}\n\n${markdown(["network", "peer", "runs", "faster by"], rows)}`;
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}
