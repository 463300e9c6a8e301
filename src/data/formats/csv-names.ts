/** What columns of labels are called. */
export const labelName = /^(labels?|class|target|digit|y)$/i;
/** What columns are called that say which image it is, as Kaggle's tables without labels have them. */
const identifierName =
  /^(.*[^a-z])?((image|img|row|sample)?id|index|idx|key|row|no|nr|file|(file)?name|image)$|^#?$|^unnamed: \d+$/i;
const number = /^[-+]?\d*(\.\d*)?(e[-+]?\d+)?$/i;

function isIdentifier(name: string): boolean {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return identifierName.test(words) && !/label|class|target|digit|categ/i.test(name);
}

/** Whether the odd column of a header holds labels. A table that goes with it calls them the same, if it has a header too. */
export function isOfLabels(name: string, labelsCalled: string | undefined): boolean {
  if (labelName.test(name)) return true;
  return labelsCalled === undefined ? !isIdentifier(name) : name.toLowerCase() === labelsCalled.toLowerCase();
}

/** Whether one of the cells is the name of the labels or of identifiers, or none is a number. */
export function areNames(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell !== "");
  // A damaged digit can be a sign, but hardly a word.
  const isName = (cell: string) => labelName.test(cell) || (cell !== "#" && isIdentifier(cell));
  return filled.some(isName) || (filled.length > 0 && !filled.some((cell) => number.test(cell)));
}

/** Whether the cells number the columns: from 0, as pandas does, or from 1. */
export function areNumbered(cells: readonly string[]): boolean {
  return [0, 1].some((first) => cells.every((cell, column) => cell === String(first + column)));
}

/** The one column whose name is like no other's but for numbers; the first if there is none. */
export function oddAmong(names: readonly string[]): number {
  const kinds = names.map((name) => name.replace(/\d+/g, "0"));
  const common = kinds.indexOf(kinds[0], 1) > 0 ? kinds[0] : kinds[1];
  const odd = kinds.findIndex((kind) => kind !== common);
  return odd === kinds.findLastIndex((kind) => kind !== common) ? Math.max(odd, 0) : 0;
}
