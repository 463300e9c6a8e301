import { refuseForeign } from "./foreign-files.ts";
import { decodeJsonModel } from "./json-model.ts";
import { decodeModel, type ReadModel } from "./model-file.ts";
import { isSafetensors } from "./safetensors.ts";

/** The formats that a network can be read from. */
export const modelFormats = ["safetensors", "json"] as const;
/** A format that networks are read from. */
export type ModelFormat = (typeof modelFormats)[number];

/**
 * Reads a network of a file of any format that there is.
 * @param fileName what error messages call the file
 * @param format what the file is, if not what its first bytes tell
 * @throws UserError if it holds no network, with what it is instead and what to do, where that can be told
 */
export function decodeAnyModel(bytes: Uint8Array, fileName: string, format?: ModelFormat): ReadModel {
  const found = formatOf(bytes);
  if (found === undefined) refuseForeign(bytes, fileName);
  const named = fileName.toLowerCase().endsWith(".json") ? "json" : "safetensors";
  const decode = { safetensors: decodeModel, json: decodeJsonModel }[format ?? found ?? named];
  return { remarks: [], ...decode(bytes, fileName) };
}

/** What a file is by its first bytes. */
function formatOf(bytes: Uint8Array): ModelFormat | undefined {
  if (isSafetensors(bytes)) return "safetensors";
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  return /^[[{]/.test(start) ? "json" : undefined;
}
