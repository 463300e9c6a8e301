/** The parts of a data set that have files or folders of their own. */
export const halves = ["train", "test", "validation"] as const;
export type Half = (typeof halves)[number];
export type What = "images" | "labels";

/** What the names of files and folders call each half, in lower case: `t10k` is MNIST's own word for test. */
const halfWords: Readonly<Record<Half, RegExp>> = {
  train: /(?<![a-z])[xy]?train/g,
  test: /(?<![a-z])[xy]?(?:test|t10k)/g,
  validation: /(?<![a-z])[xy]?val(?:id(?:ation)?)?(?![a-z])/g,
};

/** The same of folders, which may be called `training set` or `testImages`: whole words, since classes may be `trainers`. */
const folderWords: Readonly<Record<Half, RegExp>> = {
  train: /(?<![a-z])[xy]?train(?:ing)?(?:sets?|data|images?|labels?)?(?![a-z])/g,
  test: /(?<![a-z])[xy]?(?:test(?:ing)?|t10k)(?:sets?|data|images?|labels?)?(?![a-z])/g,
  validation: /(?<![a-z])[xy]?val(?:id(?:ation)?)?(?:sets?|data|images?|labels?)?(?![a-z])/g,
};

/** Half, and where its word begins; the last one if there are several. */
function halfIn(text: string, words = halfWords): { readonly half: Half; readonly at: number } | undefined {
  let found: { half: Half; at: number } | undefined;
  for (const half of halves) {
    for (const { index } of text.matchAll(words[half])) {
      if (!found || index > found.at) found = { half, at: index };
    }
  }
  return found;
}

const whatWords: Readonly<Record<What, RegExp>> = {
  labels: /labels?|targets?|(?<![a-z])y(?=train|test|val|[^a-z]|$)/,
  images: /images?|imgs?|(?<![a-z])x(?=train|test|val|[^a-z]|$)/,
};

/** Whether a name, in lower case, is of images or of labels. */
export function whatIn(name: string): What | undefined {
  return (["labels", "images"] as const).find((what) => whatWords[what].test(name));
}

/** Which half a file is of, by its name or else its folder's, and of which set of files it is one. */
export interface Place {
  readonly half: Half;
  /** The same for all files of a set: the folder, and what precedes the half in their names. */
  readonly set: string;
  /** The folder that holds the set's files, or their folders. */
  readonly folder: string;
  /** What precedes the half in the file's name: `emnist-digits`. */
  readonly name: string;
}

/** Where `path` belongs; undefined if neither its name nor its folder's speaks of a half. */
export function placeOf(path: string): Place | undefined {
  const folders = path.split("/");
  const file = folders.pop() as string;
  // Some programs unpack a file into a folder of its own name.
  if (isOwnFolder(folders.at(-1), file)) folders.pop();
  const inFile = halfIn(file.toLowerCase());
  if (inFile) {
    const before = file.slice(0, inFile.at).toLowerCase();
    const name = before.replace(whatWords.labels, "").replace(whatWords.images, "");
    return placed(inFile.half, folders, name.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, ""));
  }
  const half = halfOfFolder(folders.at(-1) ?? "");
  return half && placed(half, folders.slice(0, -1), "");
}

/** Whether a folder is called as a file in it, packed or not: `train-images.idx3-ubyte.gz/train-images-idx3-ubyte`. */
export function isOwnFolder(folder: string | undefined, file: string): boolean {
  return folder !== undefined && bareName(folder) === bareName(file);
}

/** A name without what copies of the file differ by: how they are packed, and signs between words. */
export function bareName(name: string): string {
  return name
    .toLowerCase()
    .replace(/(\.(gz|bin|zip))+$/, "")
    .replace(/[^a-z0-9]+/g, "-");
}

function placed(half: Half, folders: readonly string[], name: string): Place {
  const folder = folders.join("/");
  return { half, folder, name, set: `${folder}/${name}` };
}

/** The half that a folder's name speaks of. */
export function halfOfFolder(name: string): Half | undefined {
  return halfIn(name.toLowerCase(), folderWords)?.half;
}

/** Whether a folder's name speaks of a half and of nothing else: `test images`, but not `testing tools`. */
export function isOnlyHalf(name: string): boolean {
  const words = [...Object.values(folderWords), /sets?|data|images?|pictures?/g];
  return !/[a-z]/.test(words.reduce((text, word) => text.replace(word, ""), name.toLowerCase()));
}

/** How deep in folders a path lies. */
export function depthOf(path: string): number {
  return path === "" ? 0 : path.split("/").length;
}

/** Whether a path lies below a folder. */
export function isBelow(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

/** Whether a file is none of a user's own: those that systems and archives add. */
export function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
}
