import { colourLimit } from "../../model/colour-limit.ts";
import type { LayerParameters } from "../../model/parameters.ts";
import { byId, context2d, element } from "../dom.ts";
import { paced } from "../frames.ts";
import { themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { mostUnits } from "./network/shown-units.ts";
import { paintSigned, signedPalette } from "./signed-picture.ts";

/** Units that are drawn; more would be too small to see. */
const mostDrawn = 256;
/** Pixels between two pictures. */
const gap = 2;
/** Largest magnification, and the smallest one that is worth a single row. */
const mostScale = 4;
const fairScale = 3;
/** What all pictures together should not be higher than: CSS pixels, and a share of their width. */
const mostHeight = 380;
const mostShare = 1.1;

/** Pictures of the first layer's weights, one per unit, that change while it trains. */
export function showWeights(training: Training): void {
  const container = byId("weights");
  const canvas = element("canvas", { role: "img" });
  container.append(canvas);
  const draw = () => {
    const [layer] = training.parameters;
    // The picture of the network shows them all, and larger.
    const shown = training.config.hidden.length > 0 && layer.outputs <= mostUnits;
    byId("weights-section").hidden = shown;
    if (shown) return;
    const { rows, columns } = training.dataset.train;
    const scale = drawUnits(canvas, layer, rows, columns, container.clientWidth);
    canvas.style.setProperty("width", `${canvas.width * scale}px`);
    label(canvas, layer, training.config.hidden.length === 0);
  };
  const drawSoon = paced(draw);
  for (const signal of [training.weightsRead, training.replaced, themeChanged]) signal.listen(drawSoon);
  new ResizeObserver(drawSoon).observe(container);
}

/** Draws the units side by side, one canvas pixel per weight. Returns the magnification that suits `width`. */
function drawUnits(
  canvas: HTMLCanvasElement,
  layer: LayerParameters,
  rows: number,
  columns: number,
  width: number,
): number {
  const units = Math.min(layer.outputs, mostDrawn);
  const { scale, across } = arrange(units, rows + gap, columns + gap, width + gap);
  const down = Math.ceil(units / across);
  canvas.width = across * (columns + gap) - gap;
  canvas.height = down * (rows + gap) - gap;
  const context = context2d(canvas);
  const palette = signedPalette();
  const limit = colourLimit(layer.weight);
  const picture = context.createImageData(columns, rows);
  for (let unit = 0; unit < units; unit++) {
    const start = unit * rows * columns;
    paintSigned(picture, layer.weight.subarray(start, start + rows * columns), limit, palette);
    const x = (unit % across) * (columns + gap);
    context.putImageData(picture, x, Math.floor(unit / across) * (rows + gap));
  }
  return scale;
}

/** The largest whole magnification at which the units fit: in one row if they need not be small for it. */
function arrange(units: number, height: number, width: number, available: number) {
  const inOneRow = Math.min(mostScale, Math.floor(available / (width * units)));
  if (inOneRow >= fairScale) return { scale: inOneRow, across: units };
  for (let scale = mostScale; ; scale--) {
    const most = Math.max(1, Math.floor(available / (width * scale)));
    const down = Math.ceil(units / most);
    const across = Math.ceil(units / down);
    const fits = down * height * scale <= Math.min(mostHeight, available * mostShare);
    // A last row that is half empty looks like a mistake.
    const even = across * down - units <= across / 2;
    if (scale === 1 || (fits && even)) return { scale, across };
  }
}

function label(canvas: HTMLCanvasElement, layer: LayerParameters, isOutput: boolean): void {
  let least = 0;
  let most = 0;
  for (const value of layer.weight) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const shown = Math.min(layer.outputs, mostDrawn);
  const units = shown < layer.outputs ? `the first ${shown} of ${layer.outputs} units` : `${shown} units`;
  const range = `from ${least.toFixed(2)} to ${most.toFixed(2)}`;
  canvas.setAttribute("aria-label", `Weights of ${units}, ${range}`);
  const classes = isOutput ? ", the classes from the left" : "";
  byId("weights-legend").replaceChildren(
    element("span", { class: "key negative" }, "ink here speaks against"),
    element("span", { class: "key positive" }, "ink here speaks for"),
    `${units}${classes}, weights ${range}`,
  );
}
