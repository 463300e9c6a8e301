import type { FormulaSizes } from "../../../reference/formulas.ts";
import { latePart } from "../../data/request.ts";
import { element } from "../../dom.ts";
import type { FormulaInForce } from "./formula-in-force.ts";

/** A formula: as it is computed here with this network's shapes, as the article has it, and what is fused in training. */
export function formulaCard({ formula }: FormulaInForce, sizes: FormulaSizes): HTMLElement {
  const facts = [
    ["Article", formula.article],
    ["Shapes", formula.shapes(sizes)],
    ["Fused", formula.fused],
  ];
  return element(
    "section",
    { class: "formula-card" },
    element("h4", {}, formula.title),
    element("p", { class: "formula-here" }, formula.here),
    element("dl", {}, ...facts.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)])),
  );
}

/** What computes a formula: the shader and the reference beside each other, fetched when they are first opened. */
export class CodePanes {
  readonly node = element("details", { class: "step-code" });
  readonly #body = element("div", { class: "code-body" });
  #formulas: readonly FormulaInForce[] = [];

  constructor() {
    this.node.append(element("summary", {}, "The code that computes it"), this.#body);
    this.node.addEventListener("toggle", () => void this.#fill());
  }

  show(formulas: readonly FormulaInForce[]): void {
    this.#formulas = formulas;
    void this.#fill();
  }

  async #fill(): Promise<void> {
    if (!this.node.open) return;
    const formulas = this.#formulas;
    const { codeOf } = await latePart("The code that computes it", () => import("./code.ts"));
    if (formulas === this.#formulas) this.#body.replaceChildren(...formulas.map(codeOf));
  }
}
