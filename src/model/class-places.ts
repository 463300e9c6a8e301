import { className, type Dataset } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import { quote } from "./file-values.ts";
import type { Parameters } from "./parameters.ts";

/** Classes, and what they are called where they have names other than their numbers. */
export type Classes = Pick<Dataset, "classes" | "classNames">;

/** A network's classes, and the file that messages name. */
interface NetworkClasses extends Classes {
  readonly path: string;
}

/**
 * Where each class of `own` stands among those of `others`, `[own.classes]`, -1 if it is not among them. Classes are told by
 * their names, and by their numbers where one side has none and the other's names are numbers, as those of folders with digits
 * are: `3` and `8` are the fourth and the ninth class of a network whose classes have no names. Undefined if neither tells:
 * each class stands where it stands in `own`, then.
 */
export function classPlaces(own: Classes, others: Classes): readonly number[] | undefined {
  if (!own.classNames && !others.classNames) return undefined;
  const [names, otherNames] = [namesOf(own), namesOf(others)];
  const places = names.map((name) => otherNames.indexOf(name));
  const areNamed = own.classNames !== undefined && others.classNames !== undefined;
  if (areNamed && !places.includes(-1)) return places;
  const [numbers, otherNumbers] = [numbersOf(names), numbersOf(otherNames)];
  if (numbers && otherNumbers) return numbers.map((number) => otherNumbers.indexOf(number));
  return areNamed ? places : undefined;
}

function namesOf({ classes, classNames }: Classes): string[] {
  return Array.from({ length: classes }, (_, label) => className(classNames, label));
}

/** The numbers that names are, if all are. */
function numbersOf(names: readonly string[]): number[] | undefined {
  return names.every((name) => /^\d+$/.test(name)) ? names.map(Number) : undefined;
}

/**
 * As `classPlaces`, of the classes of data among those of a network.
 * @param needed the classes that must be among them
 * @throws UserError if one is not
 */
export function placesInNetwork(
  data: Classes & Pick<Dataset, "name">,
  network: NetworkClasses,
  needed: Iterable<number>,
): readonly number[] | undefined {
  const places = classPlaces(data, network);
  const foreign = places ? [...needed].filter((label) => places[label] < 0) : [];
  if (foreign.length === 0) return places;
  const shown = (classes: Classes, labels: readonly number[]) =>
    labels.map((label) => quote(className(classes.classNames, label))).join(", ");
  const known = Array.from({ length: Math.min(network.classes, 10) }, (_, label) => label);
  throw new UserError(
    `${network.path} does not know the classes ${shown(data, foreign.slice(0, 5))} of ${data.name}. ` +
      `It was trained on ${shown(network, known)}.`,
  );
}

/** The network with its outputs in another order: those at `places`. */
export function withOutputsAt(parameters: Parameters, places: readonly number[]): Parameters {
  const last = parameters[parameters.length - 1];
  const { inputs } = last;
  const weight = last.weight.slice(0, places.length * inputs);
  for (const [row, place] of places.entries())
    weight.set(last.weight.subarray(place * inputs, (place + 1) * inputs), row * inputs);
  const bias = last.bias.slice(0, places.length);
  for (const [row, place] of places.entries()) bias[row] = last.bias[place];
  return [...parameters.slice(0, -1), { inputs, outputs: places.length, weight, bias }];
}
