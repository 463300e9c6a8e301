import { element } from "../dom.ts";
import { type Field, type FieldOptions, fieldOf } from "./fields.ts";

/** What the slider goes from and to, as powers of ten; the field beside it takes any rate. */
const least = -4;
const most = 2;
/** Stops in a power of ten. */
const stops = 20;

/** The learning rate: a slider whose steps are factors, and a field for any other value. */
export function learningRateField(options: Omit<FieldOptions, "name">): Field {
  const input = element("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
  const slider = element("input", {
    ...{ type: "range", min: String(least * stops), max: String(most * stops), step: "1" },
    "aria-label": "Learning rate, in steps of 12 percent",
  });
  const field = fieldOf(input, [slider, input], { ...options, name: "learningRate" });
  const say = () => slider.setAttribute("aria-valuetext", input.value);
  slider.addEventListener("input", () => {
    input.value = rateAt(slider.valueAsNumber);
    // As if it were typed: what the slider is on its way to is not taken away either.
    input.dispatchEvent(new Event("input"));
    say();
  });
  slider.addEventListener("change", () => input.dispatchEvent(new Event("change")));
  // Firefox tells of no change where the slider comes back to where it was.
  const leave = () => {
    input.dispatchEvent(new Event("blur"));
    refresh();
  };
  slider.addEventListener("blur", leave);
  // Where there is a change, it comes after this.
  slider.addEventListener("pointerup", () => setTimeout(leave));
  function refresh(): void {
    field.refresh();
    slider.value = String(Math.round(stops * Math.log10(Number(input.value))));
    say();
  }
  return { node: field.node, refresh };
}

/** The rate at a place of the slider, in two digits. */
function rateAt(place: number): string {
  return String(Number((10 ** (place / stops)).toPrecision(2)));
}
