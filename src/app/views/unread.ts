import { element } from "../dom.ts";
import type { Training } from "../training.ts";

/** Says in a view of all watched images that this network has not read them yet. The view keeps its height until it has. */
export function showUnread(container: HTMLElement, { watched, config }: Training): void {
  const height = container.offsetHeight;
  const when = config.evaluateEvery === 1 ? "an epoch ends, or training rests" : "training rests";
  container.replaceChildren(
    element(
      "p",
      { class: "hint" },
      `This network has not read the ${watched.name} images yet: it does when ${when}.`,
    ),
  );
  container.style.setProperty("min-height", `${height}px`);
}
