import { percentage } from "../data/percentage.ts";

/** `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** A fraction as `93.71%`. */
export function percent(fraction: number): string {
  return `${percentage(fraction, 2)}%`;
}

/** A number with two digits at least: `07`. */
export function two(count: number): string {
  return String(count).padStart(2, "0");
}

/** The day of local time: `2026-01-31`. */
export function localDay(date: Date): string {
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
}

/** A duration as its two largest units: `0.4s`, `12s`, `2m 05s`, `1h 03m`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

/** Steps per second: whole numbers, with more digits for slow ones. */
export function rate(stepsPerSecond: number): string {
  return `${stepsPerSecond >= 10 ? grouped(Math.round(stepsPerSecond)) : stepsPerSecond.toPrecision(2)} steps/s`;
}

/** Several figures of one line: `loss 0.2345  accuracy 93.71%`. */
export function figures({ loss, accuracy }: { readonly loss: number; readonly accuracy: number }): string {
  return `loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}`;
}
