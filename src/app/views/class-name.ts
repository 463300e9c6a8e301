import { className, type Dataset } from "../../data/dataset.ts";

/** Letters that are written from right to left: Hebrew, Arabic and their neighbours, and forms of them. */
const fromRight = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** What people call a class. A name from right to left is isolated, lest what stands around it changes places. */
export function shownClass({ classNames }: Pick<Dataset, "classNames">, label: number): string {
  const name = className(classNames, label);
  return fromRight.test(name) ? `\u2068${name}\u2069` : name;
}
