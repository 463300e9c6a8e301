/**
 * The centre of mass of the ink in `pixels`, `[rows, columns]`, in pixel indices: x counts columns, y counts rows, and
 * a single inked pixel at column 3, row 5 gives (3, 5). Of an image without ink it is the middle of the image.
 */
export function centreOfMass(
  pixels: ArrayLike<number>,
  rows: number,
  columns: number,
): { x: number; y: number } {
  let mass = 0;
  let x = 0;
  let y = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const ink = pixels[row * columns + column];
      mass += ink;
      x += ink * column;
      y += ink * row;
    }
  }
  return mass > 0 ? { x: x / mass, y: y / mass } : { x: (columns - 1) / 2, y: (rows - 1) / 2 };
}
