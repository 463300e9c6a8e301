import { button, byId, element } from "./dom.ts";

/** `error` is read aloud at once, the others when there is time. */
export type NoticeKind = "info" | "error";

/** Newest notices that stay; older ones make room. */
const most = 4;

/** Tells the person at the page something in words that stay until they are dismissed. */
export function notice(text: string, kind: NoticeKind = "info"): void {
  const made = element("div", { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" });
  made.append(
    element("p", {}, text),
    button("Dismiss", () => made.remove(), { class: "quiet", "aria-label": `Dismiss: ${text}` }),
  );
  const area = byId("notices");
  for (const other of [...area.children]) if (other.querySelector("p")?.textContent === text) other.remove();
  area.append(made);
  while (area.children.length > most) area.firstElementChild?.remove();
}

/** Says something to screen readers alone, when they are silent. */
export function announce(text: string): void {
  byId("announcer").textContent = text;
}
