import { element } from "./dom.ts";

/**
 * Has the browser ask for files; none if nobody chooses any.
 * @param attributes of the input: what may be chosen
 */
export async function pickFiles(attributes: Readonly<Record<string, string>>): Promise<File[]> {
  const input = element("input", { type: "file", hidden: "", ...attributes });
  // Part of the page, or it may be garbage by the time that somebody has chosen.
  document.body.append(input);
  await new Promise((answered) => {
    for (const answer of ["change", "cancel"]) input.addEventListener(answer, answered);
    input.click();
  });
  input.remove();
  return [...(input.files ?? [])];
}
