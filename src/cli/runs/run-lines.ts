import { networkName } from "../../model/parameters.ts";
import type { Trainer } from "../../training/trainer.ts";
import { figures, grouped, rate } from "../format.ts";
import type { EpochRecord } from "./records.ts";

/** What is trained, on what, and how, in a line. */
export function networkLine({ engine, dataset, config, watched }: Trainer): string {
  const validation = watched.name === "validation" ? `, ${grouped(watched.split.count)} validation` : "";
  const images = `${grouped(dataset.train.count)} training${validation} and ${grouped(dataset.test.count)} test images`;
  const schedule = config.schedule === "constant" ? "" : ` (${config.schedule} schedule)`;
  return (
    `${networkName(engine.sizes)} on ${dataset.name} (${images}, ${dataset.origin}), ` +
    `batch size ${config.batchSize}, learning rate ${config.learningRate}${schedule}`
  );
}

/** One line about an epoch: `epoch   3/100  loss 0.3456  accuracy 90.12%  test loss 0.3000  ...  1,234 steps/s`. */
export function epochLine(record: EpochRecord, { config, stepsPerEpoch }: Trainer): string {
  const { epoch, steps, unfinished, test, validation, stepsPerSecond } = record;
  const number = String(epoch).padStart(String(config.epochs).length);
  return [
    `epoch ${number}/${config.epochs}`,
    ...(unfinished ? [`(${steps - (epoch - 1) * stepsPerEpoch} of ${stepsPerEpoch} steps)`] : []),
    figures(record),
    ...(test ? [`test ${figures(test)}`] : []),
    ...(validation ? [`validation ${figures(validation)}`] : []),
    rate(stepsPerSecond),
  ].join("  ");
}
