import { type Dataset, usedImages } from "../../data/dataset.ts";
import { type Config, settings } from "../../model/settings.ts";

/** Networks of every width at every learning rate. */
export interface SettingsMap {
  /** Widths of the first hidden layer, one a row. */
  readonly widths: readonly number[];
  /** One a column. */
  readonly learningRates: readonly number[];
  /** Row by row. */
  readonly configs: readonly Config[];
}

/** A width of more than this is the widest on its map: wider networks would take most of the time. */
const wide = 64;
/** The width about which a network without hidden layers is varied. */
const usualWidth = 16;
/** From one learning rate to the next: half a power of ten. */
const rateFactors = [-2, -1, 0, 1, 2].map((half) => 10 ** (half / 2));

/** The map about the settings in force: a quarter of the width to four times it, a tenth of the rate to ten times it. */
export function settingsMap(config: Config, dataset: Dataset, epochs: number): SettingsMap {
  const [width = usualWidth, ...others] = config.hidden;
  const halvings = width > wide ? 4 : Math.min(2, Math.floor(Math.log2(width)));
  const widths = [0, 1, 2, 3, 4].map((doublings) => Math.round(width * 2 ** (doublings - halvings)));
  const most = settings.learningRate.max ?? Number.POSITIVE_INFINITY;
  const learningRates = [
    ...new Set(rateFactors.map((by) => Math.min(most, Number((config.learningRate * by).toPrecision(2))))),
  ];
  const compared = comparable(config, dataset, epochs);
  const configs = widths.flatMap((first) =>
    learningRates.map((learningRate) => ({ ...compared, hidden: [first, ...others], learningRate })),
  );
  return { widths, learningRates, configs };
}

/** Networks that differ from the one at hand in nothing but their seeds. */
export function seedConfigs(config: Config, dataset: Dataset, epochs: number, seeds: number): Config[] {
  const { max = Number.MAX_SAFE_INTEGER } = settings.seed;
  const compared = comparable(config, dataset, epochs);
  return Array.from({ length: seeds }, (_, index) => ({
    ...compared,
    seed: (config.seed + index) % (max + 1),
  }));
}

/** What a network of a map brings with it: all its settings but those under which it was compared. */
export function ownSettings(config: Config): Partial<Config> {
  const { epochs, steps, evaluateEvery, patience, keepBest, validation, ...own } = config;
  return own;
}

/** Settings under which networks can be compared: evaluated after every epoch, on images that they are not trained on. */
function comparable(config: Config, { train }: Dataset, epochs: number): Config {
  const used = usedImages(config.limit, train.count);
  return {
    ...config,
    epochs,
    steps: 0,
    evaluateEvery: 1,
    patience: 0,
    keepBest: false,
    // A seventh, as of data that has no test images.
    validation: config.validation > 0 ? config.validation : Math.max(1, Math.floor(used / 7)),
  };
}
