import type { Inspection } from "../../../reference/inspect.ts";
import { context2d } from "../../dom.ts";
import { inputOf, termsOf } from "../../network/units.ts";
import { currentTheme } from "../../theme.ts";

/** Lines between two layers: more would only be a grey veil. */
const mostLines = 120;
/** Width of the thickest line, CSS pixels. */
const thickest = 5;
/** Opacity of the thinnest and of the thickest. */
const opacities = [0.12, 0.85] as const;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line of the picture: what it carries, and that as a share of the largest between the same two layers. */
export interface Line {
  readonly from: Point;
  readonly to: Point;
  readonly value: number;
  readonly share: number;
}

/** The same by places among the shown units of the layer before and of `layer`. */
export interface Link {
  readonly layer: number;
  readonly from: number;
  readonly to: number;
  readonly value: number;
  readonly share: number;
}

/**
 * What flows into the shown units of every layer: from the image the whole weighted sum of its pixels, from units activation
 * times weight. The largest ones of each layer, the smallest first, so that thick lines lie on top.
 * @param units those of every layer that are shown, the classes last
 */
export function linesOf(inspection: Inspection, units: readonly (readonly number[])[]): Link[] {
  return units.flatMap((shown, layer) => {
    const input = inputOf(inspection, layer);
    const all = shown.flatMap((unit, to) => {
      const terms = termsOf(inspection, input, { layer, unit });
      if (layer === 0) return [{ layer, from: 0, to, value: terms.reduce((sum, term) => sum + term, 0) }];
      return units[layer - 1].map((before, from) => ({ layer, from, to, value: terms[before] }));
    });
    const bySize = all.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, mostLines);
    const most = Math.abs(bySize[0]?.value ?? 0) || 1;
    return bySize.reverse().map((link) => ({ ...link, share: Math.abs(link.value) / most }));
  });
}

/** Draws `lines` over the whole of `canvas`: thickness says their size, hue their sign. */
export function drawLines(canvas: HTMLCanvasElement, lines: readonly Line[]): void {
  const { clientWidth, clientHeight } = canvas;
  canvas.width = Math.round(clientWidth * devicePixelRatio);
  canvas.height = Math.round(clientHeight * devicePixelRatio);
  if (lines.length === 0 || canvas.width === 0) return;
  const context = context2d(canvas);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.lineCap = "round";
  const { negativeRgb, positiveRgb } = currentTheme();
  for (const { from, to, value, share } of lines) {
    const opacity = opacities[0] + (opacities[1] - opacities[0]) * share;
    context.strokeStyle = `rgb(${(value < 0 ? negativeRgb : positiveRgb).join(" ")} / ${opacity})`;
    context.lineWidth = Math.max(0.5, thickest * share);
    const middle = (from.x + to.x) / 2;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.bezierCurveTo(middle, from.y, middle, to.y, to.x, to.y);
    context.stroke();
  }
}
