/** Where each arrow key goes. */
const steps: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Makes one of the buttons of a grid, row by row, part of the tab order: arrow keys go on from there. */
export function listenToArrows(grid: HTMLElement, cells: readonly (readonly HTMLButtonElement[])[]): void {
  for (const cell of cells.flat()) cell.tabIndex = -1;
  cells[0][0].tabIndex = 0;
  grid.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const row = cells.findIndex((each) => each.includes(event.target as HTMLButtonElement));
    if (!step || row < 0) return;
    event.preventDefault();
    const column = cells[row].indexOf(event.target as HTMLButtonElement);
    const next = cells[row + step[0]]?.[column + step[1]];
    if (!next) return;
    cells[row][column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
