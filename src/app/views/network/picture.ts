import { activationRows } from "../../../model/activations.ts";
import { colourLimit } from "../../../model/colour-limit.ts";
import type { Inspection } from "../../../reference/inspect.ts";
import { byId, context2d, element, setVariable } from "../../dom.ts";
import { paced } from "../../frames.ts";
import type { Inside } from "../../inside.ts";
import { ranking, type Unit } from "../../network/units.ts";
import { themeChanged } from "../../theme.ts";
import type { Training } from "../../training.ts";
import { drawSigned, signedPalette } from "../signed-picture.ts";
import { drawLines, type Line, linesOf } from "./lines.ts";
import { chooseUnits, numberText, unitTitle } from "./shown-units.ts";
import { UnitView } from "./unit-view.ts";

/** Milliseconds between two drawings while training runs. */
const restMs = 150;

/**
 * The network as a picture: the pad, the hidden layers' units with their weights and what they put out for the digit on the pad,
 * the classes, and lines between them that carry activation times weight.
 * @returns what takes a unit apart
 */
export function showNetwork(training: Training, inside: Inside): UnitView {
  const picture = new NetworkPicture(training);
  const unit = new UnitView(training, inside);
  picture.pointed = (place) => unit.point(place);
  picture.opened = (place) => unit.open(place);
  byId("why").addEventListener("click", () => {
    const answer = inside.answer;
    if (!answer) return;
    unit.open({ layer: answer.layers.length - 1, unit: ranking(answer)[0] });
  });
  const draw = paced(() => {
    picture.show(inside.answer);
    unit.show();
  }, restMs);
  picture.choiceChanged = draw;
  for (const signal of [inside.answered, themeChanged]) signal.listen(draw);
  training.replaced.listen(() => {
    picture.forget();
    draw();
  });
  // Which units matter most may have changed since the choice was made; while training runs they stay where they are.
  training.phaseChanged.listen(() => training.phase === "idle" && picture.chooseAnew());
  inside.imageChanged.listen(() => picture.chooseAnew());
  new ResizeObserver(() => {
    picture.arranged = false;
    draw();
  }).observe(byId("network"));
  return unit;
}

class NetworkPicture {
  pointed: (place: Unit | undefined) => void = () => {};
  opened: (place: Unit) => void = () => {};
  /** Other units are to be shown. */
  choiceChanged: () => void = () => {};
  /** Whether the layers are where they have room. */
  arranged = false;
  readonly #training: Training;
  readonly #layers = byId("hidden-layers");
  readonly #lines = byId<HTMLCanvasElement>("network-lines");
  #tiles: Tile[][] = [];
  #chosen: number[][] | undefined;
  #all = new Set<number>();

  constructor(training: Training) {
    this.#training = training;
    const network = byId("network");
    const hasMoved = pointerMoves();
    network.addEventListener("pointerover", (event) => {
      if (hasMoved(event)) this.pointed(placeOf(event.target));
    });
    network.addEventListener("focusin", (event) => this.pointed(placeOf(event.target)));
    network.addEventListener("pointerleave", (event) => {
      if (hasMoved(event)) this.pointed(undefined);
    });
    network.addEventListener("click", (event) => {
      const place = placeOf(event.target);
      if (place) this.opened(place);
    });
  }

  /** Another network: nothing of the last one stays. */
  forget(): void {
    this.#chosen = undefined;
    this.#tiles = [];
    this.#all.clear();
  }

  /** The units that matter most are to be looked for again, with the next answer. */
  chooseAnew(): void {
    this.#chosen = undefined;
  }

  show(inspection: Inspection | undefined): void {
    const { config } = this.#training;
    if (!inspection) {
      if (this.#tiles.length === 0) this.#layers.replaceChildren();
      for (const tile of this.#tiles.flat()) tile.clear();
      drawLines(this.#lines, []);
      return;
    }
    if (!this.#chosen) {
      this.#chosen = chooseUnits(inspection, config.activation, this.#all);
      this.#build(inspection.parameters.slice(0, -1).map(({ outputs }) => outputs));
    }
    const palette = signedPalette();
    this.#tiles.forEach((tiles, layer) => {
      const { weight, inputs } = inspection.parameters[layer];
      const { A } = inspection.layers[layer];
      const columns = layer === 0 ? this.#training.dataset.train.columns : Math.ceil(Math.sqrt(inputs));
      const limit = colourLimit(weight);
      const most = activationRows[config.activation].limit ?? Math.max(...A.map(Math.abs), 1e-9);
      for (const tile of tiles) {
        const { unit } = tile.place;
        drawSigned(tile.canvas, weight.subarray(unit * inputs, (unit + 1) * inputs), columns, limit, palette);
        tile.show(A[unit], most);
      }
    });
    if (!this.arranged) this.#arrange();
    drawLines(this.#lines, this.#ends(inspection));
  }

  /** Puts the layers between pad and answer where there is room for them, else below. */
  #arrange(): void {
    const network = byId("network");
    network.classList.add("beside");
    if (network.scrollWidth > network.clientWidth) network.classList.remove("beside");
    this.arranged = true;
  }

  /** The lines, from edge to edge of what they join. */
  #ends(inspection: Inspection): Line[] {
    const frame = byId("network").getBoundingClientRect();
    /** Where lines reach a node; nowhere if a station of the lesson shows other parts alone. */
    const edgesOf = (node: Element) => {
      if (!node.checkVisibility()) return undefined;
      const { left, right, top, height } = node.getBoundingClientRect();
      const y = top - frame.top + height / 2;
      return { left: { x: left - frame.left, y }, right: { x: right - frame.left, y } };
    };
    const classes = [...byId("reading").querySelectorAll("[data-unit]")];
    const pad = byId("pad").querySelector("canvas")!;
    const columns = [[pad], ...this.#tiles.map((tiles) => tiles.map(({ node }) => node)), classes];
    const edges = columns.map((nodes) => nodes.map(edgesOf));
    const units = [...(this.#chosen ?? []), classes.map((_, index) => index)];
    return linesOf(inspection, units).flatMap(({ layer, from, to, value, share }) => {
      const [source, target] = [edges[layer][from], edges[layer + 1][to]];
      return source && target ? [{ from: source.right, to: target.left, value, share }] : [];
    });
  }

  #build(widths: readonly number[]): void {
    const chosen = this.#chosen ?? [];
    this.#tiles = chosen.map((units, layer) => units.map((unit) => new Tile({ layer, unit })));
    const columns = this.#tiles.map((tiles, layer) => {
      const some = tiles.length < widths[layer];
      const count = some ? `${tiles.length} of ${widths[layer]} units` : `${widths[layer]} units`;
      const all = element("button", { type: "button", class: "all-units" }, some ? "all" : "fewer");
      all.addEventListener("click", () => this.#toggleAll(layer));
      return element(
        "div",
        { class: "hidden-layer" },
        element(
          "p",
          { class: "layer-title" },
          element("b", {}, chosen.length > 1 ? `Hidden layer ${layer + 1}` : "Hidden layer"),
          ` ${count} `,
          ...(some || this.#all.has(layer) ? [all] : []),
        ),
        setVariable(
          element("div", { class: "units" }, ...tiles.map(({ node }) => node)),
          "--units",
          tiles.length,
        ),
      );
    });
    this.#layers.replaceChildren(...columns);
    this.arranged = false;
  }

  #toggleAll(layer: number): void {
    if (!this.#all.delete(layer)) this.#all.add(layer);
    this.chooseAnew();
    this.choiceChanged();
  }
}

/** A unit: its incoming weights as an image, glowing with what it puts out. */
class Tile {
  readonly node: HTMLButtonElement;
  readonly canvas = element("canvas", { "aria-hidden": "true" });
  readonly #value = element("span", { class: "value" });

  constructor(readonly place: Unit) {
    const { layer, unit } = place;
    this.node = element(
      "button",
      { type: "button", class: "unit", "data-layer": String(layer), "data-unit": String(unit) },
      this.canvas,
      element("span", { class: "visually-hidden" }, `${unitTitle(place)}, puts out `),
      this.#value,
    );
  }

  /** Nothing is known of the unit. */
  clear(): void {
    this.show(undefined, 1);
    const { width, height } = this.canvas;
    context2d(this.canvas).clearRect(0, 0, width, height);
  }

  /** @param most what glows brightest */
  show(a: number | undefined, most: number): void {
    this.node.style.setProperty(
      "--glow-share",
      String(a === undefined ? 0 : Math.min(1, Math.abs(a) / most)),
    );
    this.#value.textContent = a === undefined ? "" : numberText(a);
  }
}

/** The unit that an element of the picture stands for. */
function placeOf(target: EventTarget | null): Unit | undefined {
  const node = target instanceof Element ? target.closest<HTMLElement>("[data-unit]") : null;
  return node ? { layer: Number(node.dataset.layer), unit: Number(node.dataset.unit) } : undefined;
}

/**
 * Whether an event is one of a pointer that moves: what opens may move other things beneath one that rests, and would close
 * again, and open, without an end.
 */
function pointerMoves(): (event: PointerEvent) => boolean {
  let last: readonly [x: number, y: number] | undefined;
  const hasMoved = ({ screenX, screenY }: PointerEvent) => {
    const moved = last?.[0] !== screenX || last[1] !== screenY;
    last = [screenX, screenY];
    return moved;
  };
  document.addEventListener("pointermove", hasMoved);
  return hasMoved;
}
