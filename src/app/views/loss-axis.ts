import uPlot from "uplot";

/** Below this a logarithmic axis does not go: float32, in which losses are summed up, hardly tells it from 0 beside 1. */
const least = 1e-7;

/** A loss in few digits, however large or small it is: `0`, `2.3e-5`, `0.031`, `2.30`, `1815`, `1.2e4`. */
export function lossText(value: number): string {
  if (value === 0) return "0";
  if (value < 0.001 || value >= 10_000) return Number(value.toPrecision(2)).toExponential().replace("+", "");
  return value >= 1000 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

/** The range of a logarithmic axis of losses above zero: that of the values, as far as they tell anything. */
export function lossRange(from: number | null, to: number | null): [number | null, number | null] {
  if (from === null || to === null) return [null, null];
  return uPlot.rangeLog(Math.max(from, least), Math.max(to, least), 10, false) as [number, number];
}
