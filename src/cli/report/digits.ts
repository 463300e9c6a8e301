import { className, imageAt, imageSize, imagesAt, type Split } from "../../data/dataset.ts";
import type { Evaluation } from "../../training/events.ts";
import { grouped } from "../format.ts";
import { probabilityText } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { digitImage } from "./images.ts";

/** Digits of each grid. */
const mostSampled = 40;
const mostMistakes = 20;
/** Pixels of all digits of a grid together: the page is to stay small. */
const mostPixels = 400_000;
/** Classes that the single check shows. */
const mostClasses = 10;

/** The test images that the report shows, by their index. */
export interface ChosenDigits {
  /** The first images of the split. */
  readonly sample: readonly number[];
  /** The misread ones whose right class the network held least likely, worst first. */
  readonly worst: readonly number[];
}

/** How many images of this size a grid has room for. */
export function roomFor(split: Split): number {
  return Math.max(1, Math.floor(mostPixels / imageSize(split)));
}

/**
 * Which images of `split` the report shows.
 * @param most how many of each kind, if there is room
 */
export function chooseDigits(
  { classes, losses }: Pick<Evaluation, "classes" | "losses">,
  split: Split,
  most: { readonly sampled: number; readonly mistakes: number } = {
    sampled: mostSampled,
    mistakes: mostMistakes,
  },
): ChosenDigits {
  const room = roomFor(split);
  const loss = (index: number) => (Number.isNaN(losses[index]) ? Number.POSITIVE_INFINITY : losses[index]);
  const all = Array.from({ length: split.count }, (_, index) => index);
  return {
    sample: all.slice(0, Math.min(most.sampled, room)),
    worst: all
      .filter((index) => classes[index] !== split.labels[index])
      // Infinity - Infinity is NaN: two infinite losses stay in the order of the file.
      .sort((a, b) => loss(b) - loss(a) || 0)
      .slice(0, Math.min(most.mistakes, room)),
  };
}

/** Every chosen image once, in the order in which `Readings` expects their probabilities. */
function indexesOf({ sample, worst }: ChosenDigits): number[] {
  return [...new Set([...sample, ...worst])];
}

/** The chosen images, one after the other, for a network to say their probabilities: `[indexesOf(chosen), rows * columns]`. */
export function imagesOf(chosen: ChosenDigits, split: Split): Uint8Array {
  return imagesAt(split, indexesOf(chosen)).images;
}

/** What the network says of the chosen digits. */
export interface Readings {
  readonly chosen: ChosenDigits;
  /** The predicted class of every test image, `[count]`. */
  readonly predicted: Uint16Array;
  /** Probabilities of the classes, `[indexesOf(chosen), classes]`. */
  readonly probabilities: Float32Array;
  /** What the classes are called, where they have names. */
  readonly classNames?: readonly string[] | undefined;
}

/** A class as a sentence has it: `a 7`, or its name in quotes. */
function aClass({ classNames }: Readings, label: number): string {
  return classNames ? `“${className(classNames, label)}”` : `a ${label}`;
}

/** One digit large, with the probabilities of its most likely classes: of all ten where there are ten. */
export function singleCheck(split: Split, readings: Readings): Html {
  const [index] = readings.chosen.sample;
  const { label, predicted, probabilities } = readingOf(index, split, readings);
  const rows = [...probabilities.keys()]
    .sort((a, b) => probabilities[b] - probabilities[a])
    .slice(0, mostClasses)
    .sort((a, b) => a - b)
    .map(
      (
        name,
      ) => html`<tr${name === predicted ? html` class="given"` : undefined}><th scope="row">${className(readings.classNames, name)}</th>
<td class="bar">${bar(probabilities[name])}</td><td>${probabilityText(probabilities[name])}</td></tr>`,
    );
  const verdict = predicted === label ? "which is right" : `but it is ${aClass(readings, label)}`;
  return html`<section>
<h2>One image</h2>
<div class="check">
<figure>${digitPicture(split, index, `Test image ${index}, ${aClass(readings, label)}`)}</figure>
<table class="probabilities">
<caption class="visually-hidden">Probabilities that the network gives test image ${index}</caption>
<thead class="visually-hidden"><tr><th scope="col">Class</th><th scope="col">Bar</th><th scope="col">Probability</th></tr></thead>
<tbody>${rows}</tbody></table>
</div>
<p class="note">Test image ${index} is read as ${className(readings.classNames, predicted)}, ${verdict}.</p>
</section>`;
}

/** The sample as a grid. */
export function sampleSection(split: Split, readings: Readings): Html {
  const { sample } = readings.chosen;
  return html`<section>
<h2>Test digits</h2>
<p class="note"><span class="key misread">misread</span>
The first ${sample.length} of ${grouped(split.count)} test images, each with the class that was read
and its probability.</p>
<ul class="tiles">${sample.map((index) => tile(split, index, readings))}</ul>
</section>`;
}

/** How many images of `split` were taken for another class. @param predicted `[count]` */
export function countMisread(predicted: Uint16Array, { labels }: Split): number {
  return predicted.reduce((count, found, index) => count + Number(found !== labels[index]), 0);
}

/** The worst mistakes as a grid, or all of them. */
export function mistakesSection(split: Split, readings: Readings): Html {
  const { worst } = readings.chosen;
  const mistakes = countMisread(readings.predicted, split);
  if (mistakes === 0)
    return html`<section><h2>Mistakes</h2><p class="note">No test image was misread.</p></section>`;
  const isAll = worst.length === mistakes;
  const which = isAll
    ? `All ${grouped(mistakes)} misread test images, first those`
    : `${worst.length} of ${grouped(mistakes)} misread test images: those`;
  return html`<section>
<h2>${isAll ? "All mistakes" : "Worst mistakes"}</h2>
<p class="note">${which} whose right class the network held least likely.</p>
<ul class="tiles">${worst.map((index) => tile(split, index, readings))}</ul>
</section>`;
}

function tile(split: Split, index: number, readings: Readings): Html {
  const { label, predicted, probabilities } = readingOf(index, split, readings);
  const nameOf = (of: number) => className(readings.classNames, of);
  const read = `${nameOf(predicted)} ${probabilityText(probabilities[predicted])}`;
  const image = digitPicture(split, index, `Test image ${index}, ${aClass(readings, label)}`);
  if (predicted === label) return html`<li>${image}<span class="caption">${read}</span></li>`;
  return html`<li class="misread">${image}<span class="caption">read ${read}</span>
<span class="caption">is ${nameOf(label)} ${probabilityText(probabilities[label])}</span></li>`;
}

function readingOf(index: number, split: Split, { chosen, predicted, probabilities }: Readings) {
  const order = indexesOf(chosen);
  const classes = probabilities.length / order.length;
  const start = order.indexOf(index) * classes;
  return {
    label: split.labels[index],
    predicted: predicted[index],
    probabilities: probabilities.subarray(start, start + classes),
  };
}

/** @param kind a class for the style sheet */
export function digitPicture(split: Split, index: number, description: string, kind?: string): Html {
  const address = digitImage(imageAt(split, index), split);
  return html`<img class="digit${kind && ` ${kind}`}" src="${address}" width="${split.columns}" height="${split.rows}"
alt="${description}">`;
}

/** A bar as wide as `share` of its cell. */
function bar(share: number): Html {
  const width = Number.isFinite(share) ? (100 * share).toFixed(2) : "0";
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}"
height="10"/></svg>`;
}
