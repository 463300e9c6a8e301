import { type ConfusionMatrix, classResults, commonConfusions } from "../../data/confusion.ts";
import { className } from "../../data/dataset.ts";
import { percentage } from "../../data/percentage.ts";
import { grouped } from "../format.ts";
import { accuracyText } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { shades } from "./style.ts";

/** With more classes than this the matrix gives way to a list of mistakes. */
const mostClasses = 36;
/** Kinds of mistakes that are listed beside the matrix, and instead of it. */
const fewMistakes = 3;
const manyMistakes = 40;

/** How often each class was taken for each, and how much of each class was right. */
export function confusionSection(matrix: ConfusionMatrix, names?: readonly string[]): Html {
  const nameOf = (label: number) => className(names, label);
  return html`<section>
<h2>Confusion matrix</h2>
${matrix.classes > mostClasses ? longList(matrix, nameOf) : [table(matrix, nameOf), mistakesLine(matrix, nameOf)]}
</section>`;
}

/** What a class is called. */
type NameOf = (label: number) => string;

function table(matrix: ConfusionMatrix, nameOf: NameOf): Html {
  const classes = Array.from({ length: matrix.classes }, (_, index) => index);
  const rows = classResults(matrix).map(({ images, accuracy }, label) => {
    const cells = classes.map((predicted) =>
      cell(matrix.counts[label * matrix.classes + predicted], images, label === predicted),
    );
    const right = accuracy === undefined ? "–" : percentage(accuracy, 1);
    return html`<tr><th scope="row">${nameOf(label)}</th>${cells}<td class="accuracy">${right}</td></tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
<table class="matrix">
<caption class="visually-hidden">Test images by their class (rows) and the class that was read (columns)</caption>
<thead><tr><td class="corner">is \\ read</td>${classes.map((predicted) => html`<th scope="col">${nameOf(predicted)}</th>`)}
<th scope="col" class="accuracy">% right</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

function cell(count: number, images: number, isRight: boolean): Html {
  if (count === 0) return html`<td class="none">·</td>`;
  // The square root shows the rare mistakes beside the common ones.
  const shade = Math.ceil(shades * Math.sqrt(count / images));
  return html`<td class="${isRight ? "right" : "wrong"} shade-${shade}">${count}</td>`;
}

function mistakesLine(matrix: ConfusionMatrix, nameOf: NameOf): Html {
  const [...mistakes] = commonConfusions(matrix, fewMistakes);
  if (mistakes.length === 0) return html`<p class="note">No test image was misread.</p>`;
  const list = mistakes.map(
    ({ label, predicted, count }) => `${nameOf(label)} as ${nameOf(predicted)} (${grouped(count)})`,
  );
  return html`<p class="note">Misread most often: ${list.join(", ")}.</p>`;
}

/** What a matrix of hundreds of rows would hide: the frequent mistakes, and every class's accuracy to unfold. */
function longList(matrix: ConfusionMatrix, nameOf: NameOf): Html {
  const mistakes = commonConfusions(matrix, manyMistakes).map(
    ({ label, predicted, count }) =>
      html`<tr><th scope="row">${nameOf(label)}</th><td>${nameOf(predicted)}</td><td>${grouped(count)}</td></tr>`,
  );
  const results = classResults(matrix).map(
    ({ images, accuracy }, label) =>
      html`<tr><th scope="row">${nameOf(label)}</th><td>${grouped(images)}</td>
<td>${accuracy === undefined ? "–" : accuracyText(accuracy)}</td></tr>`,
  );
  return html`<p class="note">${matrix.classes} classes are too many for a matrix that can be read; the
${mistakes.length} most frequent mistakes are these.</p>
<table class="figures"><thead><tr><th scope="col">Is</th><th scope="col">Read as</th>
<th scope="col">Images</th></tr></thead><tbody>${mistakes}</tbody></table>
<details><summary>Accuracy of every class</summary>
<table class="figures"><thead><tr><th scope="col">Class</th><th scope="col">Images</th>
<th scope="col">Right</th></tr></thead><tbody>${results}</tbody></table></details>`;
}
