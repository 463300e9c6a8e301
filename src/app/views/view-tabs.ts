import { button, byId } from "../dom.ts";
import type { Training } from "../training.ts";

/** What a narrow page shows one at a time below pad, answer and chart; a wide one shows all at once. */
const views = [
  ["network", "Network"],
  ["step", "A step"],
  ["settings", "Settings"],
  ["charts", "Charts"],
  ["mistakes", "Mistakes"],
  ["data", "Data"],
] as const;

type View = (typeof views)[number][0];

/** Buttons that choose among the page's views where there is no room for all: elements say in `data-view` where they belong. */
export function showViewTabs(training: Training): void {
  const tabs = views.map(([view, label]) => ({ view, tab: button(label, () => open(view)) }));
  byId("views").append(...tabs.map(({ tab }) => tab));
  const open = (chosen: View) => {
    for (const { view, tab } of tabs) {
      if (view === chosen) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    for (const node of document.querySelectorAll<HTMLElement>("[data-view]"))
      node.classList.toggle("away", node.dataset.view !== chosen);
  };
  // What they open is in the network's view.
  byId("reading").addEventListener("click", (event) => {
    if ((event.target as Element).closest("button")) open("network");
  });
  training.stepShown.listen(() => open("step"));
  open("network");
}
