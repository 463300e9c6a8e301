import type { DataProgress } from "./data/load.ts";
import { byId, element } from "./dom.ts";
import { paced } from "./frames.ts";

/** The bar for what the page waits for at its start, or while it changes its data. */
export interface ProgressBar {
  show(progress: DataProgress): void;
  hide(): void;
}

export function progressBar(): ProgressBar {
  const container = byId("progress");
  const task = element("span", {});
  const bar = element("progress", { max: "1" });
  container.append(element("label", {}, task, bar));
  let last: DataProgress | undefined;
  const draw = paced(() => {
    container.hidden = !last;
    if (!last) return;
    const { task: name, share } = last;
    task.textContent = share === undefined ? `${name} …` : `${name} (${Math.floor(100 * share)}%)`;
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
  });
  return {
    show(progress) {
      last = progress;
      draw();
    },
    hide() {
      last = undefined;
      draw();
    },
  };
}
