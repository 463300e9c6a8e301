import type { LayerActivation } from "../../../model/activations.ts";
import type { Inspection } from "../../../reference/inspect.ts";
import { influence, largest, type Unit } from "../../network/units.ts";

/** Units of a layer that are shown unless a person asks for all. */
export const mostUnits = 20;
/** Units that are shown even then: more would be too small to see. */
const mostOfAll = 256;

/** The units of each hidden layer that are shown, ascending: those with the most influence on the answer. */
export function chooseUnits(
  inspection: Inspection,
  activation: LayerActivation,
  all: ReadonlySet<number>,
): number[][] {
  return influence(inspection, activation).map((values, layer) =>
    largest(values, all.has(layer) ? mostOfAll : mostUnits),
  );
}

/** How a hidden unit is called. Units are counted from 1. */
export function unitTitle({ layer, unit }: Unit): string {
  return `Unit ${unit + 1} of hidden layer ${layer + 1}`;
}

/** Two digits behind the point, and a minus sign that is one. */
export function numberText(value: number): string {
  const text = Math.abs(value) >= 1000 ? value.toPrecision(3) : value.toFixed(2);
  return text.replace(/^-(0\.00)$/, "$1").replace("-", "−");
}

/** The same with its sign, as a term of a sum. */
export function termText(value: number): string {
  const text = numberText(value);
  return text.startsWith("−") ? text : `+${text}`;
}
