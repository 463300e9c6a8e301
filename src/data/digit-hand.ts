import { randomStream } from "./random.ts";

/** The chance decisions of one written digit. */
export interface Hand {
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Bell-shaped around 0 with standard deviation `deviation`; never farther than 3 of them. */
  spread(deviation: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of `choices`, each as likely. */
  pick<Choice>(choices: readonly Choice[]): Choice;
}

/** The decisions for image `index` of `seed`. */
export function handOf(seed: number, index: number): Hand {
  const random = randomStream(seed, "digits", index);
  return {
    between: (low, high) => low + (high - low) * random.uniform(),
    // The sum of three uniforms, centred, has variance 3/12: a normal in all but its tails, from additions alone, so
    // that no engine's logarithm or cosine can change a byte of an image.
    spread: (deviation) => 2 * deviation * (random.uniform() + random.uniform() + random.uniform() - 1.5),
    chance: (probability) => random.uniform() < probability,
    pick: (choices) => choices[random.integer(choices.length)],
  };
}
