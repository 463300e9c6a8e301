import { className, type Dataset, imageSize, type Split } from "./dataset.ts";

/** Images of a split that are looked at for what most of them show. */
const sampled = 1000;
/** Images of no larger byte seem to be of another range; that of scikit-learn's digits is 0 to 16. */
const smallRange = 16;
/** A class with less than this share of what would be its own if all had as many images is remarked on. */
const rareShare = 0.01;

/** What is odd about a data set that can be trained on all the same: whole sentences, a line each. */
export function remarksOn(dataset: Dataset): string[] {
  return [...shadeRemarks(dataset), ...labelRemarks(dataset)].map((remark) => `${dataset.name}: ${remark}`);
}

function shadeRemarks({ train }: Dataset): string[] {
  const largest = largestByte(train.images);
  if (largest === 0) return ["all training images are blank."];
  if (largest <= smallRange) {
    const range = largest === 1 ? "be 0 and 1" : `go from 0 to ${largest}`;
    return [
      `the largest byte of its training images is ${largest}, where 255 is ink: its pixels seem to ${range}, ` +
        "and the network, which sees byte / 255, learns little of them. Multiply them by " +
        `${Math.floor(255 / largest)}.`,
    ];
  }
  if (!isDarkOnLight(train)) return [];
  return [
    "its images seem to be dark ink on a light ground. MNIST's are light on dark, as 0 is background here.",
  ];
}

/** The largest byte, or some byte beyond a small range. */
function largestByte(bytes: Uint8Array): number {
  let largest = 0;
  for (const byte of bytes) {
    if (byte > largest) largest = byte;
    if (largest > smallRange) break;
  }
  return largest;
}

/** Whether the edges of most images are light, and darker pixels lie inside. */
function isDarkOnLight(split: Split): boolean {
  const { count, rows, columns, images } = split;
  const size = imageSize(split);
  const step = Math.max(1, Math.floor(count / sampled));
  let seen = 0;
  let light = 0;
  for (let index = 0; index < count; index += step) {
    let [edge, edgeSum, sum] = [0, 0, 0];
    for (let pixel = 0; pixel < size; pixel++) {
      const byte = images[index * size + pixel];
      sum += byte;
      const row = Math.floor(pixel / columns);
      const column = pixel % columns;
      if (row > 0 && row < rows - 1 && column > 0 && column < columns - 1) continue;
      edge++;
      edgeSum += byte;
    }
    seen++;
    if (edgeSum / edge >= 160 && sum / size < edgeSum / edge) light++;
  }
  return light > seen / 2;
}

function labelRemarks({ train, test, classes, classNames }: Dataset): string[] {
  const counts = countsOf(train, classes);
  const testCounts = countsOf(test, classes);
  const used = [...counts.keys()].filter((label) => counts[label] > 0);
  const nameOf = (label: number) => className(classNames, label);
  if (used.length === 1)
    return [`all its training images are of class ${nameOf(used[0])}: there is nothing to tell apart.`];
  const remarks: string[] = [];
  const absent = [...counts.keys()].filter((label) => counts[label] === 0);
  const shown = absent.slice(0, 5).map(nameOf).join(", ") + (absent.length > 5 ? ", ..." : "");
  if (absent.length > 0) {
    const tested = absent.reduce((sum, label) => sum + testCounts[label], 0);
    const [have, them] = absent.length === 1 ? ["has", "it"] : ["have", "them"];
    const [images, are] = tested === 1 ? ["image", "is"] : ["images", "are"];
    const also = tested > 0 ? `, but ${tested} test ${images} ${are} of ${them}` : "";
    remarks.push(`${absent.length} of its ${classes} classes ${have} no training image (${shown})${also}.`);
  }
  const rare = used.filter((label) => counts[label] < (rareShare * train.count) / used.length);
  if (classes === 11 && !classNames && absent.length === 0)
    remarks.push(`its labels name 11 classes, 0 to 10, not ten.`);
  if (rare.length > 0) {
    const list = rare.slice(0, 5).map((label) => `${nameOf(label)} (${counts[label]})`);
    remarks.push(`classes with hardly any of its ${train.count} training images: ${list.join(", ")}.`);
  }
  return remarks;
}

/** Images of each class, `[classes]`. */
function countsOf({ labels }: Split, classes: number): Uint32Array {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}
