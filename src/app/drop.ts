import { element } from "./dom.ts";

/**
 * Takes files that are dropped anywhere on the page, and says so while they are above it. What says so covers the page and
 * is what they are dropped on: browsers drop on the element that they were last dragged over, and nobody hears of it where
 * the page has drawn that anew since.
 */
export function listenToDrops(take: (dropped: DataTransfer) => void): void {
  const hint = element("p", { class: "drop-hint", hidden: "" }, "Drop a data set, or a model file");
  document.body.append(hint);
  const holdsFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    // Or the browser would leave the page for the file.
    event.preventDefault();
    hint.hidden = false;
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    hint.hidden ||= relatedTarget === null;
  });
  addEventListener("drop", (event) => {
    hint.hidden = true;
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) take(event.dataTransfer);
  });
}
