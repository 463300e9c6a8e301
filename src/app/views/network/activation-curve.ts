import type { LayerActivation } from "../../../model/activations.ts";
import { activations } from "../../../reference/activations.ts";
import { shape } from "../../dom.ts";

/** Width and height of the drawing, and its margin. */
const [width, height, margin] = [150, 84, 8];
/** The curve reaches at least from -6 to 6: there a sigmoid has nearly come to its ends. */
const leastReach = 6;
const points = 60;

/** The activation's curve as a picture, with the point (z, a) on it. */
export function activationCurve(activation: LayerActivation, z: number, a: number): SVGElement {
  const { apply } = activations[activation];
  const reach = Math.max(leastReach, Math.abs(z) * 1.1);
  const zs = Array.from({ length: points + 1 }, (_, index) => reach * ((2 * index) / points - 1));
  const values = zs.map(apply);
  const [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
  const x = (value: number) => margin + ((value + reach) / (2 * reach)) * (width - 2 * margin);
  const y = (value: number) => height - margin - ((value - low) / (high - low || 1)) * (height - 2 * margin);
  const path = zs.map(
    (value, index) => `${index === 0 ? "M" : "L"}${x(value).toFixed(1)} ${y(values[index]).toFixed(1)}`,
  );
  return shape(
    "svg",
    {
      class: "curve",
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": `${activation} at z = ${z.toFixed(2)} is ${a.toFixed(2)}`,
    },
    shape("path", {
      class: "axis",
      d: `M${margin} ${y(0)}H${width - margin}M${x(0)} ${margin}V${height - margin}`,
    }),
    shape("path", { class: "line", d: path.join("") }),
    shape("circle", { cx: String(x(z)), cy: String(y(a)), r: "4" }),
  );
}
