import { Signal } from "./signal.ts";

/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The page's colours, for what is drawn by hand. style/tokens.css declares them, for light and for dark. */
export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  /** A colour by its name in tokens.css. */
  readonly colour: (name: string) => string;
  /** Background and ink of pictures of digits; zero in pictures of weights is the background. */
  readonly paperRgb: Rgb;
  readonly inkRgb: Rgb;
  readonly negativeRgb: Rgb;
  readonly positiveRgb: Rgb;
}

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The system went from light to dark or back. */
export const themeChanged = new Signal();
dark.addEventListener("change", () => themeChanged.emit());

/** The colours as they are now. */
export function currentTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"),
    quiet: read("quiet"),
    rule: read("rule"),
    colour: read,
    paperRgb: rgb(read("picture-paper")),
    inkRgb: rgb(read("picture-ink")),
    negativeRgb: rgb(read("negative")),
    positiveRgb: rgb(read("positive")),
  };
}

/** `#rrggbb` as numbers. */
function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The colour at `share` of the way from `from` to `to`. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const between = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [between(0), between(1), between(2)];
}
