import { arrowStep } from "../arrow-keys.ts";

/** Makes one of the buttons of a grid, row by row, part of the tab order: arrow keys go on from there. */
export function listenToArrows(grid: HTMLElement, cells: readonly (readonly HTMLButtonElement[])[]): void {
  for (const cell of cells.flat()) cell.tabIndex = -1;
  cells[0][0].tabIndex = 0;
  grid.addEventListener("keydown", (event) => {
    const step = arrowStep(event);
    const row = cells.findIndex((each) => each.includes(event.target as HTMLButtonElement));
    if (!step || row < 0) return;
    event.preventDefault();
    const column = cells[row].indexOf(event.target as HTMLButtonElement);
    const next = cells[row + step.down]?.[column + step.right];
    if (!next) return;
    cells[row][column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
