import { percentage } from "../../data/percentage.ts";
import { UserError } from "../../errors.ts";
import { meant } from "../../training/sweep/halving.ts";
import { button, byId, element, setVariable } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Beginning } from "../network-maker.ts";
import { rateText } from "../record.ts";
import type { Exploration, Explored } from "../sweep/exploration.ts";
import { ownSettings } from "../sweep/settings-map.ts";
import { announce, toast } from "../toasts.ts";
import type { Training } from "../training.ts";
import { listenToArrows } from "./grid-keys.ts";

/** Epochs that one may choose among: what tells good settings from bad ones is seen early. */
const epochChoices = [1, 2, 5, 10];
const seedCount = 5;

/** Which settings? A map of networks, a cell each, that are trained together; pressing one takes it into the picture. */
export function showSettingsMap(training: Training, exploration: Exploration): void {
  const section = byId("settings-map");
  const epochs = element("select", { "aria-label": "Epochs of each network", id: "map-epochs" });
  epochs.append(...epochChoices.map((count) => element("option", { value: String(count) }, String(count))));
  const attempt = (work: () => Promise<void>) =>
    void work().catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      toast(error.message, "error");
    });
  const start = button("Train 25 networks", () => attempt(() => exploration.explore(Number(epochs.value))));
  const seeds = button(`Try ${seedCount} seeds`, () =>
    attempt(() => exploration.trySeeds(Number(epochs.value), seedCount)),
  );
  const stop = button("Stop", () => exploration.stop());
  const told = element("p", { class: "hint map-told", role: "status" });
  const place = element("div", {});
  section.append(
    element(
      "p",
      { class: "hint" },
      "Networks of five widths at five learning rates, trained together and judged by images that none was trained on; the one " +
        "in the picture rests meanwhile. Press a cell to take its network into the picture. Seeds show how much is luck.",
    ),
    element("div", { class: "choice-row" }, start, seeds, stop, element("label", {}, epochs, "epochs each")),
    told,
    place,
  );
  let grid: Grid | undefined;
  const take = (network: Explored, on: Beginning) =>
    attempt(async () => {
      const { hidden, learningRate } = network.config;
      const { parameters } = network.end!;
      const origin = { parameters, file: "the map of settings" };
      await training.replace(ownSettings(network.config), { origin, ...on }, "Taking a network of the map");
      announce(
        `The network of width ${hidden[0]}, learning rate ${rateText(learningRate)}, is in the picture.`,
      );
    });
  const draw = paced(() => {
    const { map, running } = exploration;
    for (const each of [start, seeds]) each.hidden = running;
    stop.hidden = !running;
    told.textContent = [mapText(exploration), seedsText(exploration)].filter(Boolean).join(" ");
    if (!map) return;
    const key = JSON.stringify([map.widths, map.learningRates]);
    if (grid?.key !== key) {
      grid = new Grid(key, map.widths, map.learningRates, (cell) => {
        const { networks, on } = exploration.map!;
        const network = networks[cell];
        if (network.end && !network.end.diverged) take(network, on);
      });
      place.replaceChildren(grid.table);
    }
    grid.show(map.networks);
  }, 200);
  exploration.changed.listen(draw);
  draw();
}

/** Fraction right: of the validation images as soon as they were looked at, before that of what it is trained on. */
function accuracyOf({ epochs, training }: Explored): number | undefined {
  return epochs.at(-1)?.accuracy ?? training;
}

/** The network that reads most of the validation images; nothing before one was asked. */
function bestOf(networks: readonly Explored[]): Explored | undefined {
  const asked = networks.filter(({ epochs, end }) => meant(epochs.at(-1)) && !end?.diverged);
  return asked.toSorted((a, b) => b.epochs.at(-1)!.accuracy - a.epochs.at(-1)!.accuracy)[0];
}

function mapText({ map, running }: Exploration): string {
  if (!map) return "";
  const { networks } = map;
  const done = networks.filter(({ end }) => end).length;
  const best = bestOf(networks);
  const state =
    done === networks.length
      ? `${done} networks are trained.`
      : `${done} of ${networks.length} networks are trained${running ? "" : ", the others were stopped"}.`;
  if (!best) return state;
  const { hidden, learningRate } = best.config;
  const read = percent(best.epochs.at(-1)!.accuracy);
  return `${state} Best so far: width ${hidden[0]}, learning rate ${rateText(learningRate)}, reads ${read}.`;
}

/** Mean and ends of what the seeds read after the last epoch that all have done, and how many diverged. */
function seedsText({ seeds: all, spread: { seeds, epochs } }: Exploration): string {
  const lost = all.length - seeds.length;
  const diverged = lost > 0 ? `${lost} of ${all.length} seeds diverged.` : "";
  if (epochs === 0) return diverged;
  const read = seeds.map((seed) => seed.epochs[epochs - 1].accuracy);
  const mean = read.reduce((sum, value) => sum + value, 0) / read.length;
  const ends = `${percent(Math.min(...read))} to ${percent(Math.max(...read))}`;
  return `${seeds.length} seeds, after ${epochs} epoch${epochs === 1 ? "" : "s"}: ${percent(mean)} on average, ${ends}. ${diverged}`.trim();
}

function percent(share: number): string {
  return `${percentage(share, 1)}%`;
}

/** The map as a table of buttons. */
class Grid {
  readonly table: HTMLTableElement;
  readonly #cells: readonly (readonly HTMLButtonElement[])[];

  constructor(
    /** What its rows and columns are. */
    readonly key: string,
    widths: readonly number[],
    learningRates: readonly number[],
    open: (cell: number) => void,
  ) {
    this.#cells = widths.map((_, row) =>
      learningRates.map((_, column) => button("", () => open(row * learningRates.length + column))),
    );
    const rows = widths.map((width, row) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, String(width)),
        ...this.#cells[row].map((cell) => element("td", {}, cell)),
      ),
    );
    const head = learningRates.map((rate) => element("th", { scope: "col" }, rateText(rate)));
    this.table = element(
      "table",
      { class: "matrix settings-grid" },
      element(
        "caption",
        { class: "visually-hidden" },
        "Validation images read right, by width (rows) and learning rate",
      ),
      element("thead", {}, element("tr", {}, element("td", { class: "corner" }, "width \\ rate"), ...head)),
      element("tbody", {}, ...rows),
    );
    listenToArrows(this.table, this.#cells);
  }

  show(networks: readonly Explored[]): void {
    const known = networks.map(accuracyOf).filter((value) => value !== undefined);
    // Differences between good networks are small: what is far below the best is all alike.
    const highest = Math.max(...known);
    const lowest = Math.max(Math.min(...known), highest - 0.25);
    const best = bestOf(networks);
    for (const [index, cell] of this.#cells.flat().entries()) {
      const network = networks[index];
      const accuracy = accuracyOf(network);
      const share = accuracy === undefined ? 0 : (accuracy - lowest) / (highest - lowest || 1);
      setVariable(cell, "--share", Number(Math.max(0, share).toFixed(3)));
      cell.className = classOf(network, network === best);
      cell.textContent = textOf(network, accuracy);
      cell.setAttribute("aria-label", labelOf(network, accuracy));
      cell.setAttribute("aria-disabled", String(!network.end || network.end.diverged));
    }
  }
}

function classOf({ epochs, end }: Explored, isBest: boolean): string {
  const state = end?.diverged ? "is-lost" : end ? "is-done" : epochs.length > 0 ? "is-read" : "is-under-way";
  return isBest ? `${state} is-best` : state;
}

function textOf({ end }: Explored, accuracy: number | undefined): string {
  if (end?.diverged) return "✗";
  return accuracy === undefined ? "·" : percentage(accuracy, 1);
}

function labelOf({ config, epochs, end }: Explored, accuracy: number | undefined): string {
  const where = `Width ${config.hidden[0]}, learning rate ${rateText(config.learningRate)}`;
  if (end?.diverged) return `${where}: diverged`;
  if (accuracy === undefined) return `${where}: not trained yet`;
  const of = epochs.length > 0 ? "of the validation images" : "of its mini-batches";
  return `${where}: reads ${percent(accuracy)} ${of}${end ? ", take it into the picture" : ""}`;
}
