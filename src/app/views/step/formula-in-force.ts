import { optimizerShaders } from "../../../kernels/optimizers/optimizer-step.ts";
import type { Config } from "../../../model/settings.ts";
import { type Formula, type FormulaName, formulas } from "../../../reference/formulas.ts";

/** A formula as it is with the settings in force, and the shaders that compute it. */
export interface FormulaInForce {
  readonly formula: Formula;
  readonly shaders: readonly Formula["shader"][];
}

/** The formula of this name: another activation has another title, an optimizer has a shader of its own. */
export function formulaOf(name: FormulaName, { activation, optimizer }: Config): FormulaInForce {
  const formula: Formula = formulas[name];
  const shaders = [formula.shader];
  if (name === "update") {
    const file = `optimizers/optimizer_${optimizerShaders[optimizer]}.wgsl`;
    return { formula, shaders: [...shaders, { file, entry: "direction" }] };
  }
  if (name !== "sigmoid" || activation === "sigmoid") return { formula, shaders };
  return { formula: { ...formula, title: `Activation: ${activation}` }, shaders };
}
