import type { ImageShape } from "../../data/dataset.ts";
import type { Config } from "../../model/settings.ts";
import type { StageKey } from "../views/step/stages.ts";

/*
 * The lesson as data: what each station says, how it sets the page up, and what one can do there. `lesson.ts` reads it, one view
 * shows it.
 */

/** The parts of the page that a station may show; `data-part` in index.html. */
export type Part =
  | "figures"
  | "network"
  | "pad"
  | "pixels"
  | "units"
  | "reading"
  | "unit"
  | "story"
  | "charts"
  | "mistakes";

/** What a button of a station does. */
export interface Act {
  readonly label: string;
  /** Begins a new network with these settings beside the lesson's own, and trains it. */
  readonly breaks?: Partial<Config>;
  /** Trains on to the end of the lesson's steps, or one step. */
  readonly trains?: "step" | "end";
  /** The stage of the step that is shown then. */
  readonly stage?: StageKey;
  /** A unit of the first hidden layer that is taken apart. */
  readonly unit?: number;
  /** Puts the worst mistake on the pad, and asks why. */
  readonly mistake?: true;
}

/** What the words of a station say of the data that the lesson is given with. */
export interface DataShape extends ImageShape {
  readonly classes: number;
}

export interface Station {
  readonly title: string;
  text(data: DataShape): readonly string[];
  /** What to look at, or what to do without a button. */
  readonly look: string;
  readonly parts: readonly Part[];
  /** How far the network has to be: not trained at all, not to the end of the lesson's steps, or just that. */
  readonly trained: "not" | "some" | "all";
  /** The stage of a step that is open when one comes. */
  readonly stage?: StageKey;
  readonly acts: readonly Act[];
}

/** Steps after which the lesson's training pauses. It is no limit of the network's, which can be trained on when the lesson ends. */
export const lessonSteps = 1000;

/** The lesson's network: the article's, at a rate at which its steps are enough to see. */
export const lessonConfig = {
  hidden: [10],
  activation: "sigmoid",
  optimizer: "sgd",
  learningRate: 0.5,
  schedule: "constant",
  warmup: 0,
  batchSize: 64,
  initialiser: "article",
  epochs: 100,
  steps: 0,
  validation: 0,
  patience: 0,
  keepBest: false,
  evaluateEvery: 1,
  weightDecay: 0,
  inputDropout: 0,
  hiddenDropout: 0,
  labelSmoothing: 0,
  averageDecay: 0,
  shift: 0,
  rotation: 0,
  scale: 0,
  shear: 0,
  elastic: 0,
} as const satisfies Partial<Config>;

export const stations: readonly Station[] = [
  {
    title: "A picture is numbers",
    text: ({ rows, columns }) => [
      `The network does not see a digit. It gets ${rows * columns} numbers, one for each pixel of an image of ${rows} by ` +
        `${columns}: 0 for paper, 255 for ink. In formulas they are called x.`,
    ],
    look: "Draw another digit, and see its numbers change. Point at a pixel to read it.",
    parts: ["network", "pad", "pixels"],
    trained: "not",
    acts: [],
  },
  {
    title: "A unit is a weighted sum",
    text: () => [
      "Each of the ten hidden units has a weight for every pixel, drawn as an image: orange counts for the unit, blue " +
        "against it. It multiplies each pixel by its weight and adds everything up, with a bias: z = Σ w·x + b.",
      "The sigmoid squeezes z into a, a number between 0 and 1: how much the unit glows. The weights are still random.",
    ],
    look: "x times w is what each pixel says; their sum is z, and the point on the curve is a.",
    parts: ["network", "pad", "units", "unit"],
    trained: "not",
    acts: [{ label: "Take unit 4 apart", unit: 3 }],
  },
  {
    title: "Guess, and measure the error",
    text: ({ classes }) => [
      `The ${classes} classes add up what the units put out, in the same way. Softmax turns their sums into probabilities: a guess.`,
      "Training images have labels, so the guess can be measured. The loss is −log p of the right class: 0 if the network " +
        `was certain of it, ${Math.log(classes).toFixed(1)} if it gave all ${classes} the same.`,
    ],
    look: "The point on the curve is this image's loss; the bars are those of the whole mini-batch.",
    parts: ["story"],
    trained: "some",
    stage: "loss",
    acts: [{ label: "Guess for 64 other images", trains: "step", stage: "loss" }],
  },
  {
    title: "Who is to blame?",
    text: () => [
      "To make the loss smaller one has to know what made it large. dZ says how the loss grows with each sum z. For the " +
        "classes it is what was said less what is right: A − Y.",
      "The blame goes back along the weights to the hidden units, and there is a dZ for each of them.",
    ],
    look: "Orange had better be smaller, blue had better be larger.",
    parts: ["story"],
    trained: "some",
    stage: "blame",
    acts: [{ label: "Go back to the hidden units", stage: "hiddenBlame" }],
  },
  {
    title: "A step downhill",
    text: () => [
      "A weight shares the blame of its unit as far as something came in through it: dW = dZ times x, the mean over the " +
        "mini-batch. dW is the slope of the loss.",
      "So every weight takes a step against its slope: W − α·dW. α, the learning rate, says how long the step is.",
    ],
    look: "dW, −α·dW, and the weights after it; and the loss of the same images before and after the step.",
    parts: ["story"],
    trained: "some",
    stage: "update",
    acts: [{ label: "Another step", trains: "step", stage: "update" }],
  },
  {
    title: "A thousand steps",
    text: () => [
      "One step changes little. A thousand of them, each on other images, and there are strokes and holes in the weights that " +
        "nobody has put there.",
    ],
    look: "The images in the units, the accuracy on images that were never trained on, and the two curves.",
    parts: ["figures", "network", "pad", "units", "reading", "charts"],
    trained: "some",
    acts: [{ label: "Train 1,000 steps", trains: "end" }],
  },
  {
    title: "Where it fails",
    text: () => [
      "Ten units are few. These are the test images that it got wrong with the most conviction. For each of them one can ask " +
        "what spoke for the wrong digit: the units, and in them the pixels.",
    ],
    look: "Press a mistake: it goes onto the pad. Or draw a digit that it misreads.",
    parts: ["network", "pad", "units", "reading", "unit", "mistakes"],
    trained: "all",
    acts: [{ label: "Why the worst one?", mistake: true }],
  },
  {
    title: "Break it",
    text: () => [
      "Three ways to train worse. With a learning rate of 100 the steps leap across the valley, and units end up at 0 or 1, where " +
        "the sigmoid has no slope to learn from. Without a hidden layer there is one weighted sum a class, and that is not " +
        "so bad. With one image a step the loss jumps about, as each image pulls its own way.",
    ],
    look: "The curve of each run beside those before it, and what its weights look like.",
    parts: ["figures", "network", "pad", "units", "reading", "charts"],
    trained: "all",
    acts: [
      { label: "Learning rate 100", breaks: { learningRate: 100 } },
      { label: "No hidden layer", breaks: { hidden: [] } },
      { label: "One image a step", breaks: { batchSize: 1, learningRate: 0.05 } },
      { label: "As it was", breaks: {} },
    ],
  },
];
