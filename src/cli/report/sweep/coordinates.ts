import * as Plot from "@observablehq/plot";
import { idleUnless, type SettingName, settings } from "../../../model/settings.ts";
import { plot } from "../chart.ts";
import { accuracyText } from "../figures.ts";
import { type Html, html } from "../html.ts";
import { shades } from "../style.ts";
import { ends, isLogarithmic, type MeritScale, numberOf, type SweepEntry, valueText } from "./entries.ts";

/** In units of the drawing, as all lengths here: of a line of text, and of its letters what the widest words take. */
const textHeight = 12;
const letterWidth = 7;
/** What keeps one text from another beside it. */
const textGap = 10;
/** A tick stands to the right of its axis by so much. */
const tickOffset = 8;
/** Of the drawing, which is wider where its axes need that. */
const width = 820;
const height = 300;
const margins = { marginTop: 34, marginBottom: 14, marginLeft: 50, marginRight: 70 };
/** More values than these have no text of their own at an axis of numbers. */
const mostTicks = 9;

/** More values of other kinds than these have none either. */
const mostTexts = 20;
/** What of an axis of numbers is left to networks in which the setting has no effect. */
const idleShare = 0.15;

/** A text at an axis. */
interface Tick {
  readonly share: number;
  readonly text: string;
}

/** One of the parallel axes. */
interface CoordinateAxis {
  readonly name: string;
  /** Where a network crosses it, from 0 at the bottom to 1. */
  place(entry: SweepEntry): number;
  readonly ticks: readonly Tick[];
}

/** Parallel coordinates: a line for each network, across an axis for each setting, to its accuracy. */
export function coordinatesSection(
  entries: readonly SweepEntry[],
  names: readonly SettingName[],
  scale: MeritScale,
): Html {
  const scored = entries.filter(({ score }) => score).reverse();
  const axes = [...names.map((name) => settingAxis(name, entries)), accuracyAxis(scored, scale)];
  const points = scored.flatMap((entry) =>
    axes.map((axis) => ({
      network: entry.network,
      axis: axis.name,
      share: axis.place(entry),
      title: titleOf(entry, names),
      shade: scale.shade(entry.score?.accuracy ?? Number.NaN),
    })),
  );
  const lines = { x: "axis", y: "share", z: "network", title: "title", curve: "bump-x" } as const;
  const best = scored.at(-1)?.network;
  const ticks = axes.flatMap(({ name, ticks }) => legible(ticks).map((tick) => ({ ...tick, axis: name })));
  const drawn = Math.max(width, neededWidth(axes));
  const drawing = plot({
    ariaLabel: `Parallel coordinates of ${scored.length} networks: ${axes.map(({ name }) => name).join(", ")}`,
    ...{ width: drawn, height, ...margins },
    x: {
      type: "point",
      padding: 0,
      domain: axes.map(({ name }) => name),
      axis: "top",
      label: null,
      tickSize: 0,
      tickPadding: 14,
    },
    y: { axis: null, domain: [0, 1] },
    marks: [
      ...Array.from({ length: shades }, (_, index) =>
        Plot.line(
          points.filter((point) => point.shade === index + 1),
          { ...lines, className: `coordinate merit-${index + 1}` },
        ),
      ),
      Plot.ruleX(axes, { x: "name", className: "axis" }),
      Plot.line(
        points.filter(({ network }) => network === best),
        { ...lines, className: "coordinate chosen" },
      ),
      Plot.text(ticks, {
        x: "axis",
        y: "share",
        text: "text",
        dx: tickOffset,
        textAnchor: "start",
        className: "tick",
      }),
    ],
  });
  return html`<section>
<h2>Parallel coordinates</h2>
<p class="note">Each line is a network, from its settings to its accuracy on the validation images: the stronger its
colour, the fewer are misread. The thick one is the best.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Parallel coordinates"><figure class="wide${drawn > width ? " whole" : ""}">${drawing}</figure></div>
</section>`;
}

/** What axes need so that no heading runs into the next, and no tick into the next axis. */
function neededWidth(axes: readonly CoordinateAxis[]): number {
  const { marginLeft, marginRight } = margins;
  const room = axes.slice(1).map((axis, index) => {
    const before = axes[index];
    const headings = (letterWidth * (before.name.length + axis.name.length)) / 2;
    const ticks = tickOffset + letterWidth * Math.max(...before.ticks.map(({ text }) => text.length));
    return textGap + Math.max(headings, ticks);
  });
  return marginLeft + marginRight + room.length * Math.max(...room);
}

/** The ticks that have room for their text: the ends of an axis, and between them those a line's height from the one before. */
function legible(ticks: readonly Tick[]): readonly Tick[] {
  const lines = (height - margins.marginTop - margins.marginBottom) / textHeight;
  const sorted = [...ticks].sort((a, b) => a.share - b.share);
  const last = sorted[sorted.length - 1];
  const shown = sorted.slice(0, 1);
  for (const tick of sorted.slice(1, -1)) {
    const isFar = (other: Tick) => Math.abs(tick.share - other.share) * lines >= 1;
    if (isFar(shown[shown.length - 1]) && isFar(last)) shown.push(tick);
  }
  return sorted.length > 1 ? [...shown, last] : shown;
}

function titleOf({ network, config, score }: SweepEntry, names: readonly SettingName[]): string {
  const values = names.map((name) => valueText(name, config)).join(", ");
  return `network ${network} (${values}): ${accuracyText(score?.accuracy ?? Number.NaN)}`;
}

/** The axis of a setting: of numbers to scale, of other values at equal distances. */
function settingAxis(setting: SettingName, entries: readonly SweepEntry[]): CoordinateAxis {
  const name = settings[setting].label;
  const effective = entries.filter(({ config }) => !idleUnless(setting, config));
  const numbers = effective.map(({ config }) => numberOf(setting, config));
  if (numbers.every((number) => number !== undefined))
    return numberAxis({ name, setting, hasIdle: effective.length < entries.length }, numbers);
  const texts = [...new Set(entries.map(({ config }) => valueText(setting, config)))].sort();
  const share = (text: string) => (texts.indexOf(text) + 0.5) / texts.length;
  const shown = texts.length <= mostTexts ? texts : [texts[0], texts[texts.length - 1]];
  return {
    name,
    place: ({ config }) => share(valueText(setting, config)),
    ticks: shown.map((text) => ({ share: share(text), text })),
  };
}

function numberAxis(
  {
    name,
    setting,
    hasIdle,
  }: { readonly name: string; readonly setting: SettingName; readonly hasIdle: boolean },
  numbers: readonly number[],
): CoordinateAxis {
  const values = [...new Set(numbers)].sort((a, b) => a - b);
  const [low, high] = [values[0], values[values.length - 1]];
  const scaled = isLogarithmic(low, high) ? Math.log : (value: number) => value;
  const bottom = hasIdle ? idleShare : 0;
  const share = (value: number | undefined) => {
    if (value === undefined) return 0;
    return (
      bottom +
      (1 - bottom) * (high > low ? (scaled(value) - scaled(low)) / (scaled(high) - scaled(low)) : 0.5)
    );
  };
  const shown = values.length <= mostTicks ? values : [low, high];
  const ticks = shown.map((value) => ({ share: share(value), text: String(value) }));
  return {
    name,
    place: ({ config }) => share(numberOf(setting, config)),
    ticks: hasIdle ? [{ share: 0, text: "–" }, ...ticks] : ticks,
  };
}

/** The last axis: as shades, by the logarithm of what is misread. */
function accuracyAxis(scored: readonly SweepEntry[], scale: MeritScale): CoordinateAxis {
  const accuracies = scored.flatMap(({ score }) => (score ? [score.accuracy] : []));
  const [low, high] = ends(accuracies);
  const shown = high > low ? [low, scale.at(1 / 3), scale.at(2 / 3), high] : [high];
  return {
    name: "Validation accuracy",
    place: ({ score }) => scale.share(score?.accuracy ?? low),
    ticks: shown.map((accuracy) => ({ share: scale.share(accuracy), text: accuracyText(accuracy) })),
  };
}
