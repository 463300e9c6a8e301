import { flagOf, settingNames, settings } from "../model/settings.ts";
import { button, byId, element } from "./dom.ts";

/** Errors and questions are read aloud at once and come into view, the others when there is time. */
export type ToastKind = "info" | "error" | "question";

/** Newest toasts that stay; older ones make room. */
const most = 4;

/** What a toast offers to do; it goes when one of that is done, or dismissed. */
export interface Offer {
  readonly choices: readonly { readonly label: string; readonly act: () => void }[];
  readonly dismissed?: () => void;
  /** What it is about: a newer offer about the same takes its place. */
  readonly topic?: string;
}

/** Tells the person at the page something in words that stay until they are dismissed. */
export function toast(words: string, kind: ToastKind = "info", offer?: Offer): void {
  const text = withLabels(words);
  // Where all are told, and politely: of new nodes screen readers listen to nothing but alerts.
  const isUrgent = kind !== "info";
  const made = element("div", {
    class: `toast ${kind}${offer ? " offer" : ""}`,
    ...(isUrgent && { role: "alert" }),
    "data-text": text,
  });
  const gone = (act?: () => void) => () => {
    remove(made);
    act?.();
  };
  made.append(
    element("p", {}, text),
    ...(offer?.choices ?? []).map(({ label, act }) => button(label, gone(act))),
    button("Dismiss", gone(offer?.dismissed), { class: "quiet", "aria-label": `Dismiss: ${text}` }),
  );
  const area = byId("toasts");
  // By what was told, not by what a translation of the page has made of it.
  const same = [...area.querySelectorAll<HTMLElement>(".toast")].filter(
    ({ dataset }) => dataset.text === text,
  );
  area.append(made);
  remove(...same);
  if (offer?.topic) {
    withdraw(offer.topic);
    made.dataset.topic = offer.topic;
  }
  // What is offered may be the only way back to something: it makes room last.
  while (area.children.length > most)
    remove(area.querySelector(".toast:not(.offer, :last-child)") ?? area.firstElementChild!);
  // What was asked for may be far below, as "Load model" is.
  if (isUrgent) made.scrollIntoView({ block: "nearest" });
  if (kind === "question") made.querySelector("button")?.focus({ preventScroll: true });
}

/**
 * Asks for one of several words; resolves with nothing if the question is dismissed. The focus is the question's until
 * then.
 */
export function ask<const Word extends string>(
  text: string,
  words: readonly Word[],
): Promise<Word | undefined> {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const answer = (word?: Word) => () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
      resolve(word);
    };
    const choices = words.map((label) => ({ label, act: answer(label) }));
    toast(text, "question", { choices, dismissed: answer() });
  });
}

/** Takes back the offer about `topic`, if there is one. */
export function withdraw(topic: string): void {
  remove(...byId("toasts").querySelectorAll(`[data-topic="${topic}"]`));
}

/** Takes toasts away; the focus of one of them goes to another, or to the button that trains. */
function remove(...gone: Element[]): void {
  const hadFocus = gone.some((node) => node.contains(document.activeElement));
  for (const node of gone) node.remove();
  const next = document.querySelector<HTMLElement>("#toasts .quiet, #transport button");
  if (hadFocus) next?.focus({ preventScroll: true });
}

/** Says something to screen readers alone, when they are silent. */
export function announce(text: string): void {
  byId("announcer").textContent = text;
}

const labels = new Map(settingNames.map((name) => [flagOf(name), settings[name].label]));

/** A message that the command line has as well: settings are called as the panel does, not by their flags. */
export function withLabels(text: string): string {
  return text.replace(/--[a-z\d-]+/g, (flag) => labels.get(flag) ?? flag);
}
