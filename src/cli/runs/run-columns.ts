import { grouped } from "../format.ts";
import type { Run } from "./run-reader.ts";

/** A column of a table that has a row for each of several runs. */
export interface RunColumn {
  readonly head: string;
  /** Undefined if the run has nothing to put there. */
  text(run: Run): string | undefined;
  readonly isNumber?: boolean;
  /** Whether it is left out where it has nothing of any run. */
  readonly isOptional?: boolean;
}

/** The columns that a table of `runs` has. */
export function columnsFor<Column extends RunColumn>(
  columns: readonly Column[],
  runs: readonly Run[],
): Column[] {
  return columns.filter(({ isOptional, text }) => !isOptional || runs.some((run) => text(run) !== undefined));
}

/** `8/10`: epochs that the run came to, and those asked for. */
export function epochsText({ epochs, description }: Run): string {
  return `${grouped(epochs.at(-1)?.epoch ?? 0)}/${grouped(description.config.epochs)}`;
}
