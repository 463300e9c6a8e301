import type { Config } from "../model/settings.ts";
import type { RunRecord } from "./record.ts";
import { rateText } from "./record.ts";
import { toast, withdraw } from "./toasts.ts";
import type { Training } from "./training.ts";

/** Steps after which a network that learns reads better than chance, and the last ones among them that are looked at. */
const patience = 300;
const looked = 100;
/** The share of what chance leaves that is read by who learns. */
const margin = 0.05;

/** Optimizers whose steps are as long as the gradient; those of the others do not depend on its size. */
const plain: readonly Config["optimizer"][] = ["sgd", "momentum", "nesterov"];

/** Learning rates that suit most networks: a tenth of it and ten times as much work as well. */
const usualRate = ({ optimizer }: Config) => (plain.includes(optimizer) ? 0.1 : 0.003);

/** What keeps a network from learning, and what it may be tried with instead. */
export interface Hint {
  readonly text: string;
  readonly changes?: Partial<Config>;
}

/** A hint for a run that reads no better than chance; nothing if it does, or if it is too early to tell. */
export function hintFor({ series, config }: RunRecord, classes: number): Hint | undefined {
  if (series.last < patience) return undefined;
  const { steps, values } = series.accuracy;
  const tail = values.slice(steps.findIndex((step) => step > series.last - looked));
  const accuracy = tail.reduce((sum, value) => sum + value, 0) / tail.length;
  const chance = 1 / classes;
  if (accuracy > chance + margin * (1 - chance) || classes < 2) return undefined;
  const start = `After ${series.last.toLocaleString("en")} steps the network reads no better than chance`;
  const usual = usualRate(config);
  const { learningRate, initialiser } = config;
  if (learningRate >= 10 * usual || learningRate <= usual / 100) {
    const how = learningRate > usual ? "large" : "small";
    const text = `${start}: the learning rate ${rateText(learningRate)} is probably too ${how}.`;
    return { text, changes: { learningRate: usual } };
  }
  if (initialiser === "zeros" && config.hidden.length > 0) {
    const text = `${start}: all weights began at zero, so that the units of a layer stay alike.`;
    return { text, changes: { initialiser: "glorot-uniform" } };
  }
  return {
    text: `${start}. Another learning rate, initialiser or fewer layers may help; deep networks need longer.`,
  };
}

/** Looks now and then whether the network learns, and says once a run why it may not. */
export function watchStuck(training: Training, begin: (changes: Partial<Config>) => void): void {
  let told: RunRecord | undefined;
  let next = 0;
  training.replaced.listen(() => {
    next = 0;
    withdraw("stuck");
  });
  training.progressed.listen(() => {
    const { record, dataset } = training;
    if (record === told || record.series.last < next) return;
    next = record.series.last + looked;
    const hint = hintFor(record, dataset.classes);
    if (!hint) return;
    told = record;
    const { changes } = hint;
    if (!changes) return toast(hint.text);
    const [[name, value]] = Object.entries(changes);
    const what = name === "learningRate" ? `learning rate ${value}` : `${name} ${value}`;
    toast(hint.text, "info", {
      choices: [{ label: `Begin anew with ${what}`, act: () => begin(changes) }],
      topic: "stuck",
    });
  });
}
