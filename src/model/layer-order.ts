/** What the place of a layer in its network depends on. */
export interface Link {
  /** What its tensors share: `net.fc1`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** The layers of a network, first one first. */
export interface LayerOrder<L extends Link> {
  readonly layers: readonly L[];
  /** Whether other orders fit the shapes as well, and no number in the names decided between them. */
  readonly isGuess: boolean;
}

/**
 * Puts layers in an order in which each takes as many inputs as the one before puts out: a path through a graph whose
 * nodes are widths, along every edge once (Fleury's algorithm). Where several layers could come next, the one whose name
 * is first in natural order does.
 * @returns undefined if there is no such order
 */
export function orderLayers<L extends Link>(layers: readonly L[]): LayerOrder<L> | undefined {
  const left = new Set([...layers].sort((a, b) => compareNames(a.name, b.name)));
  let widths = startsOf(layers);
  const ordered: L[] = [];
  let isGuess = false;
  while (left.size > 0) {
    const fitting = [...left].filter((layer) => widths.has(layer.inputs) && restFollows(layer, left));
    const [next, ...others] = fitting;
    if (next === undefined) return undefined;
    isGuess ||= others.some((other) => !isNumbered(next.name, other.name));
    ordered.push(next);
    left.delete(next);
    widths = new Set([next.outputs]);
  }
  return { layers: ordered, isGuess };
}

/** The widths at which such a path may begin: the one that more layers take than put out; if there is none, all. */
function startsOf(layers: readonly Link[]): Set<number> {
  const surplus = new Map<number, number>();
  const count = (width: number, by: number) => surplus.set(width, (surplus.get(width) ?? 0) + by);
  for (const { inputs, outputs } of layers) {
    count(inputs, 1);
    count(outputs, -1);
  }
  const odd = [...surplus].filter(([, more]) => more !== 0);
  if (odd.length === 0) return new Set(surplus.keys());
  const starts = odd.filter(([, more]) => more > 0);
  return new Set(starts.length === 1 && starts[0][1] === 1 ? [starts[0][0]] : []);
}

/** Whether the layers other than `layer` can all be reached from what it puts out. */
function restFollows<L extends Link>(layer: L, layers: ReadonlySet<L>): boolean {
  const rest = new Set(layers);
  rest.delete(layer);
  const reached = new Set([layer.outputs]);
  for (const width of reached) {
    for (const other of rest) {
      if (other.inputs !== width) continue;
      reached.add(other.outputs);
      rest.delete(other);
    }
  }
  return rest.size === 0;
}

/** Words that count: their position is the number that they stand for. */
const numerals = [
  ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
  ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
];
const atStart = ["input", "in"];
const atEnd = ["output", "out", "last", "final", "head", "classifier", "logits"];

/** The words and numbers of a name, spelt numbers as numbers: `layerTwo.fc10` is layer, 2, fc, 10. */
function partsOf(name: string): (string | number)[] {
  const parts = name.match(/\d+|\p{Lu}?\p{Ll}+|\p{L}/gu) ?? [];
  return parts.map((part) => {
    const word = part.toLowerCase();
    const spelt = Math.max(...numerals.map((words) => words.indexOf(word)));
    return /^\d/.test(part) ? Number(part) : spelt >= 0 ? spelt : word;
  });
}

/** The first parts in which two names differ; undefined where one of them has no more. */
function difference(a: string, b: string): (string | number | undefined)[] {
  const [one, other] = [partsOf(a), partsOf(b)];
  const at = one.findIndex((part, index) => part !== other[index]);
  const place = at < 0 ? one.length : at;
  return [one[place], other[place]];
}

/** Whether two names differ first in a number. */
function isNumbered(a: string, b: string): boolean {
  return difference(a, b).every((part) => typeof part === "number");
}

/** Natural order: `fc2` before `fc10`, `two` before `three`, `input` before others and `output` after them. */
function compareNames(a: string, b: string): number {
  const [one, other] = difference(a, b);
  if (typeof one === "number" && typeof other === "number") return one - other;
  return (
    rank(one) - rank(other) || compareTexts(String(one ?? ""), String(other ?? "")) || compareTexts(a, b)
  );
}

function rank(part: string | number | undefined): number {
  if (typeof part !== "string") return 0;
  return Number(atEnd.includes(part)) - Number(atStart.includes(part));
}

function compareTexts(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
