import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** How the tests look for violations. */
export interface AxeOptions {
  /** Rules to go by, if not all. */
  readonly rules?: readonly string[];
  /** The part to look at, if not the whole page. */
  readonly within?: string;
}

/** What axe finds in a page without frames, in a few words each. */
export async function violationsIn(page: Page, { rules, within }: AxeOptions = {}): Promise<string[]> {
  // The other mode opens an empty page and runs there once more, which only pages with frames gain by.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  if (rules) axe.withRules([...rules]);
  if (within) axe.include(within);
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
