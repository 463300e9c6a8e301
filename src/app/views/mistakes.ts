import { byId, element } from "../dom.ts";
import type { Backdrop } from "../drawing.ts";
import { paced } from "../frames.ts";
import { themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { shownClass } from "./class-name.ts";
import { digitTile } from "./digit-picture.ts";
import { showUnread } from "./unread.ts";

/** Mistakes that are shown. */
const most = 30;

/** Positions of the misread images among those that are watched, the largest loss first; none before they were evaluated. */
export function worstMistakes({ evaluation, watched }: Training): number[] {
  if (!evaluation) return [];
  const { labels } = watched.split;
  const { classes, losses } = evaluation;
  const wrong = [...labels.keys()].filter((index) => labels[index] !== classes[index]);
  return wrong.sort((a, b) => losses[b] - losses[a]);
}

/** The misread digits of the watched images with the largest loss: those whose right class the network held least likely. */
export function showMistakes(training: Training, place: (image: Backdrop) => void): void {
  const container = byId("mistakes");
  const draw = paced(() => {
    const { evaluation, watched, dataset } = training;
    if (!evaluation) {
      showUnread(container, training);
      return;
    }
    container.style.removeProperty("min-height");
    const { labels } = watched.split;
    const { classes } = evaluation;
    const wrong = worstMistakes(training);
    const tiles = wrong.slice(0, most).map((index) => {
      const [right, read] = [labels, classes].map((of) => shownClass(dataset, of[index]));
      return digitTile(watched.split, index, `${right} → ${read}`, `${right} taken for ${read}`, place);
    });
    const total = labels.length.toLocaleString("en");
    const summary =
      wrong.length === 0
        ? `All ${total} ${watched.name} digits are read correctly.`
        : `${wrong.length.toLocaleString("en")} of ${total} ${watched.name} digits are misread; these with the most conviction. Digit → what it was taken for.`;
    container.replaceChildren(
      element("p", { class: "hint" }, summary),
      element("div", { class: "tiles" }, ...tiles),
    );
  }, 500);
  for (const signal of [training.evaluated, training.replaced, themeChanged]) signal.listen(draw);
  draw();
}
