import * as v from "valibot";
import type { UserError } from "../errors.ts";

/*
 * What files hold, which may be anything, and how messages tell of it.
 */

/** A whole number from 0 on. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Makes an error of what is wrong, and of what to do, where that is not plain. */
export type Fail = (what: string, advice?: string) => UserError;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name from a file as messages show it: shortened, and without control characters that a terminal would obey. */
export function quote(name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}...` : name;
  return JSON.stringify(short.replace(/\p{C}/gu, "?"));
}

/** A value from a JSON file as messages show it, however large it is or deep. */
export function shown(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (!Array.isArray(value)) return "an object";
  const isFlat = value.every((item) => typeof item !== "object" || item === null);
  return isFlat ? shortened(JSON.stringify(value)) : "a list of lists or objects";
}

/** A text from a file as messages show it: as `quote`, without quotes. */
export function shortened(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 100);
}
