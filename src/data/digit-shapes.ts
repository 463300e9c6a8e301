import type { Hand } from "./digit-hand.ts";
import type { Point, Stroke } from "./digit-stroke.ts";
import { arc } from "./digit-stroke.ts";

/**
 * The strokes of the digit `label` as one hand might write it: every call picks another shape and other proportions.
 * The shapes and the ranges were found by looking at MNIST's training images and at what a network trained on the drawn
 * ones mistook among them; no image of MNIST goes into a drawing.
 */
export function digitStrokes(label: number, hand: Hand): Stroke[] {
  return shapes[label](hand);
}

const shapes: readonly ((hand: Hand) => Stroke[])[] = [
  zero,
  one,
  two,
  three,
  four,
  five,
  six,
  seven,
  eight,
  nine,
];

/** An oval from its top round to the left; its ends meet, cross or stay apart, or the last one runs inside. */
function zero(hand: Hand): Stroke[] {
  const width = hand.between(0.24, 0.5);
  const start = hand.pick([11, 12, 13, 14]);
  const oval = arc([0, 0.5], [width, 0.5], start, start - 16);
  const end = hand.between(-0.12, 0.12);
  oval[oval.length - 1] = [oval[0][0] + end, oval[0][1] + hand.between(-0.08, 0.1)];
  if (hand.chance(0.3)) oval.push([end + hand.between(-0.4, 0), hand.between(0.05, 0.6)]);
  return [oval];
}

/** A line, now and then traced twice; or with a flag, or with a flag and a foot. */
function one(hand: Hand): Stroke[] {
  const bow = hand.spread(0.025);
  const line: Stroke = [
    [0, 0],
    [bow, 0.5],
    [0, 1],
  ];
  if (hand.chance(0.1)) return [line, line.map(([x, y]): Point => [x + hand.spread(0.05), y])];
  if (hand.chance(0.86)) return [line];
  const flag: Stroke = [
    [-hand.between(0.1, 0.3), hand.between(0.1, 0.3)],
    [0, 0],
  ];
  if (hand.chance(0.5)) return [flag, line];
  const foot: Stroke = [
    [-hand.between(0.15, 0.35), 1],
    [hand.between(0.15, 0.35), 1],
  ];
  return [flag, line, foot];
}

/** A hook, a slope to the lower left, and a base: straight, bent, or through a loop. */
function two(hand: Hand): Stroke[] {
  const width = hand.between(0.18, 0.36);
  const top = hand.between(0.16, 0.32);
  const hook = arc([0, top], [width, top], hand.pick([7, 8, 9, 10, 11]), hand.chance(0.5) ? 16 : 17);
  const left = -width - hand.between(-0.16, 0.18);
  const right = width + hand.between(-0.06, 0.48);
  const floor = 1 - hand.between(0, 0.12);
  if (hand.chance(0.5)) {
    const loop = hand.between(0.05, 0.27);
    const height = hand.between(0.06, 0.22);
    const round = arc([left + loop, floor - height], [loop, height], 2, 14);
    const way: Point = [(left + 2 * loop + width) / 2 + hand.between(-0.08, 0.18), hand.between(0.6, 0.75)];
    return [[...hook, way, ...round, [right, 1 - hand.between(-0.05, 0.2)]]];
  }
  const slope: Point = [left * hand.between(0.2, 0.5) + width * 0.4, hand.between(0.55, 0.8)];
  const corner: Point = [left, floor];
  const wave = hand.between(-0.08, 0.06);
  const base: Stroke = [
    corner,
    [(left + right) / 2, (1 + floor) / 2 + wave],
    [right, 1 - hand.between(-0.06, 0.12)],
  ];
  return [[...hook, slope, corner], base];
}

/** Two bowls that meet in a point or a small loop at the waist; sometimes a straight top. */
function three(hand: Hand): Stroke[] {
  const upper = hand.between(0.15, 0.33);
  const lower = hand.between(0.18, 0.36);
  const waist = hand.between(0.38, 0.54);
  const shift = 0.09 + hand.spread(0.06);
  const inner: Point = [hand.between(-0.28, 0.04), waist + hand.spread(0.02)];
  const bottom = arc([shift, (1 + waist) / 2], [lower, (1 - waist) / 2], 14, hand.pick([20, 21, 22, 23]));
  const tail: Point[] = hand.chance(0.5) ? [[-lower - hand.between(-0.05, 0.25), hand.between(0.78, 1)]] : [];
  if (hand.chance(0.15)) {
    const top: Stroke = [
      [-upper, hand.between(0, 0.05)],
      [upper, hand.between(-0.03, 0.05)],
    ];
    return [top, [top[1], inner], [inner, ...bottom, ...tail]];
  }
  const start: Point[] = hand.chance(0.4) ? [[-upper - hand.between(0, 0.15), hand.between(0, 0.15)]] : [];
  const bowl = arc([0, waist / 2], [upper, waist / 2], hand.pick([9, 10, 11]), 18);
  if (hand.chance(0.6))
    return [
      [...start, ...bowl, inner],
      [inner, ...bottom, ...tail],
    ];
  return [[...start, ...bowl, inner, ...bottom, ...tail]];
}

/** Open (a corner or a bend, and a stem beside it) or closed (a slope that starts where the stem does). */
function four(hand: Hand): Stroke[] {
  const bar = hand.between(0.46, 0.68);
  const stem = hand.between(0.38, 0.6);
  const foot: Point = [stem - hand.between(-0.04, 0.1), 1];
  const over = stem + hand.between(-0.02, 0.2);
  const level = bar + hand.between(-0.1, 0.05);
  if (hand.chance(0.1)) {
    const slope: Stroke = [
      [stem, 0],
      [0, bar],
    ];
    const cross: Stroke = [
      [0, bar],
      [over, level],
    ];
    return [slope, cross, [[stem, 0], foot]];
  }
  const left = hand.between(0, 0.12);
  const start: Point = [left + hand.between(-0.02, 0.08), hand.between(0, 0.14)];
  const top: Point = [stem + hand.between(0, 0.14), hand.between(-0.05, 0.2)];
  if (hand.chance(0.4)) {
    const bend: Stroke = [
      start,
      [left, bar - 0.15],
      [left + 0.1, bar],
      [stem * 0.6, bar],
      [stem, level - 0.05],
    ];
    return [bend, [top, foot]];
  }
  return [
    [start, [left * 0.6, bar]],
    [
      [left * 0.6, bar],
      [over, level],
    ],
    [top, [(top[0] + foot[0]) / 2, 0.5], foot],
  ];
}

/** A short stem, a bowl, and a bar at the top, apart or in one go. */
function five(hand: Hand): Stroke[] {
  const neck = hand.between(0.3, 0.52);
  const bowl = hand.between(0.2, 0.42);
  const height = (1 - neck) / 2;
  const tilt = hand.between(-0.15, 0.08);
  const corner: Point = [hand.between(-0.1, 0.1), hand.between(0, 0.08)];
  const elbow: Point = [hand.between(-0.12, 0.08), neck + hand.between(-0.02, 0.1)];
  const length = hand.between(0.25, 0.75);
  const bar: Stroke = [
    [corner[0] + hand.between(-0.06, 0.06), corner[1] + hand.between(-0.04, 0.04)],
    [corner[0] + length / 2, corner[1] + tilt / 2 + hand.spread(0.025)],
    [corner[0] + length, corner[1] + tilt],
  ];
  const belly = arc([hand.between(0.05, 0.25), 1 - height], [bowl, height], 12, hand.pick([20, 21, 22]));
  const tail: Point = [hand.between(-0.25, 0.1), hand.between(0.82, 1.02)];
  if (hand.chance(0.4)) return [bar, [corner, [elbow[0], neck * 0.6], elbow, ...belly, tail]];
  return [bar, [corner, elbow], [elbow, ...belly, tail]];
}

/** A stem that bends into a bowl and closes it. */
function six(hand: Hand): Stroke[] {
  const bowl = hand.between(0.16, 0.36);
  const height = hand.between(0.13, 0.28);
  const middle = 1 - height;
  const top = hand.between(-0.1, 0.5) - bowl;
  const bulge = hand.between(0.02, 0.22);
  const stem: Point[] = [
    [top, 0],
    [-bowl + (top + bowl) * 0.62 - bulge * 0.8, middle * 0.3],
    [-bowl + (top + bowl) * 0.26 - bulge * 0.7, middle * 0.66],
  ];
  const round = arc([0, middle], [bowl, height], 8, hand.pick([-3, -4, -5]));
  const closing: Point = [-bowl * hand.between(0, 1.1), middle + height * hand.between(-0.4, 0.8)];
  return [[...stem, ...round, closing]];
}

/** A roof and a stem, straight or curved; some hands add a hook in front or a bar across. */
function seven(hand: Hand): Stroke[] {
  const width = hand.between(0.4, 0.75);
  const peak: Point = [width, hand.between(-0.05, 0.08)];
  const foot: Point = [width * hand.between(0.35, 0.95), 1];
  const bend = hand.between(-0.08, 0.06);
  const stem: Stroke = [peak, [(peak[0] + foot[0]) / 2 - bend, hand.between(0.45, 0.6)], foot];
  const start: Point = [0, hand.between(-0.02, 0.12)];
  const hook: Point[] = hand.chance(0.3) ? [[hand.between(-0.08, 0.03), hand.between(0.12, 0.38)]] : [];
  const roof: Stroke = [...hook, start, [width * 0.5, (start[1] + peak[1]) / 2 + hand.spread(0.025)], peak];
  const strokes = hand.chance(0.3) ? [[...roof, ...stem.slice(1)]] : [roof, stem];
  if (hand.chance(0.2)) {
    const middle = (peak[0] + foot[0]) / 2 - bend;
    const level = hand.between(0.45, 0.58);
    strokes.push([
      [middle - hand.between(0.12, 0.25), level + hand.between(-0.05, 0.05)],
      [middle + hand.between(0.12, 0.25), level],
    ]);
  }
  return strokes;
}

/** An S that comes back and crosses itself, or one ring above another. */
function eight(hand: Hand): Stroke[] {
  const upper = hand.between(0.12, 0.3);
  const lower = hand.between(0.12, 0.3);
  const waist = hand.between(0.4, 0.58);
  const low = (1 + waist) / 2;
  if (hand.chance(0.15)) {
    return [arc([0, waist / 2], [upper, waist / 2], 12, -4), arc([0, low], [lower, (1 - waist) / 2], 12, -4)];
  }
  const shift = hand.spread(0.06);
  const start: Point = [upper + hand.between(-0.15, 0.25), hand.between(0, 0.2)];
  const end: Point = [start[0] + hand.between(-0.2, 0.2), start[1] + hand.between(-0.12, 0.15)];
  const crossing: Point = [hand.spread(0.03), waist];
  return [
    [
      start,
      ...arc([0, waist / 2], [upper, waist / 2], hand.pick([12, 13, 14]), 8),
      crossing,
      ...arc([shift, low], [lower, (1 - waist) / 2], 0, 8),
      [crossing[0] + hand.spread(0.03), waist + hand.spread(0.02)],
      end,
    ],
  ];
}

/** A ring and a stem, straight, curved or hooked. */
function nine(hand: Hand): Stroke[] {
  const ring = hand.between(0.15, 0.32);
  const height = hand.between(0.13, 0.33);
  const start = hand.pick([-3, -2, -1, 0, 1]);
  const round = arc([0, height], [ring, height], start, -14);
  const join: Point = [ring + hand.between(-0.1, 0.06), hand.between(0, 0.25)];
  const foot: Point = [ring - hand.between(-0.14, 0.35), 1];
  const stem: Point[] = [join, [(join[0] + foot[0]) / 2 + hand.between(-0.04, 0.08), 0.55], foot];
  if (hand.chance(0.15)) stem.push([foot[0] - hand.between(0.1, 0.3), 1 - hand.between(0, 0.12)]);
  return hand.chance(0.5) ? [[...round, ...stem]] : [[...round, join], stem];
}
