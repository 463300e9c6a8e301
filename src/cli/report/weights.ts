import { className, type ImageShape } from "../../data/dataset.ts";
import { colourLimit } from "../../model/colour-limit.ts";
import type { LayerParameters } from "../../model/parameters.ts";
import { grouped } from "../format.ts";
import { type Html, html } from "./html.ts";
import { drawnUnits, weightsImage } from "./images.ts";

/** Up to this many share the whole width of the page. */
const fewUnits = 12;

/**
 * The first layer's weights as one picture a unit.
 * @param isOutput whether the layer is the last one too, so that its units are the classes
 * @param classNames what these are called, if not by their numbers
 */
export function weightsSection(
  layer: LayerParameters,
  shape: ImageShape,
  isOutput: boolean,
  classNames?: readonly string[],
): Html {
  const { inputs, outputs, weight } = layer;
  const shown = drawnUnits(layer);
  const limit = colourLimit(weight);
  const { least, most } = rangeOf(weight);
  const kind = isOutput ? "class" : "unit";
  const units = Array.from({ length: shown }, (_, unit) => {
    const name = isOutput ? className(classNames, unit) : unit;
    const picture = weightsImage(weight.subarray(unit * inputs, (unit + 1) * inputs), limit, shape);
    return html`<li><img class="weights" src="${picture}" width="${shape.columns}" height="${shape.rows}"
      alt="Weights of ${kind} ${name}"><span class="caption">${name}</span></li>`;
  });
  return html`<section>
<h2>First-layer weights</h2>
<p class="note"><span class="key positive">ink here speaks for the ${kind}</span>
<span class="key negative">ink here speaks against it</span>
${unitsLine(shown, outputs, isOutput)}, weights from ${least.toFixed(2)} to ${most.toFixed(2)}.</p>
<ul class="tiles${shown <= fewUnits ? " few" : ""}">${units}</ul>
</section>`;
}

function unitsLine(shown: number, outputs: number, isOutput: boolean): string {
  const things = isOutput ? "classes" : "units";
  const one = isOutput ? "class" : "unit";
  if (shown < outputs) return `The first ${shown} of ${grouped(outputs)} ${things}`;
  return outputs === 1 ? `The only ${one}` : `All ${outputs} ${things}`;
}

/** Zero is among them, whatever the weights are. */
function rangeOf(weight: LayerParameters["weight"]) {
  let least = 0;
  let most = 0;
  for (const value of weight) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}
