import type { ImageShape } from "../../data/dataset.ts";
import type { LayerParameters } from "../../model/parameters.ts";
import { grouped } from "../format.ts";
import { type Html, html } from "./html.ts";
import { weightsImage } from "./images.ts";

/** Units that are drawn at most, and pixels of all their pictures together: the page is to stay small. */
const mostUnits = 100;
const mostPixels = 400_000;
/** Up to this many share the whole width of the page. */
const fewUnits = 12;
/** Weights this many times the root mean square have the full colour. */
const fullColour = 3;

/**
 * The first layer's weights as one picture a unit.
 * @param isOutput whether the layer is the last one too, so that its units are the classes
 */
export function weightsSection(layer: LayerParameters, shape: ImageShape, isOutput: boolean): Html {
  const { inputs, outputs, weight } = layer;
  const shown = Math.min(outputs, mostUnits, Math.max(1, Math.floor(mostPixels / inputs)));
  const { least, most, rootMeanSquare } = measure(weight);
  const range = `from ${least.toFixed(2)} to ${most.toFixed(2)}`;
  const kind = isOutput ? "class" : "unit";
  const units = Array.from({ length: shown }, (_, unit) => {
    const picture = weightsImage(
      weight.subarray(unit * inputs, (unit + 1) * inputs),
      fullColour * rootMeanSquare || 1,
      shape,
    );
    return html`<li><img class="weights" src="${picture}" width="${shape.columns}" height="${shape.rows}"
      alt="Weights of ${kind} ${unit}"><span class="caption">${unit}</span></li>`;
  });
  return html`<section>
<h2>First-layer weights</h2>
<p class="note"><span class="key positive">ink here speaks for the ${kind}</span>
<span class="key negative">ink here speaks against it</span>
${unitsLine(shown, outputs, isOutput)}, weights ${range}.</p>
<ul class="tiles${shown <= fewUnits ? " few" : ""}">${units}</ul>
</section>`;
}

function unitsLine(shown: number, outputs: number, isOutput: boolean): string {
  const things = isOutput ? "classes" : "units";
  const one = isOutput ? "class" : "unit";
  if (shown < outputs) return `The first ${shown} of ${grouped(outputs)} ${things}`;
  return outputs === 1 ? `The only ${one}` : `All ${outputs} ${things}`;
}

function measure(weight: LayerParameters["weight"]) {
  let least = 0;
  let most = 0;
  let squares = 0;
  for (const value of weight) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    squares += value * value;
  }
  return { least, most, rootMeanSquare: Math.sqrt(squares / weight.length) };
}
