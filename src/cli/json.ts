import * as v from "valibot";

/* What JSON files that this program wrote are read with. */

/** JSON writes null for what is not finite. */
export const measured = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? Number.NaN),
);

/** The value that a JSON text stands for; undefined, which no JSON text does, if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
