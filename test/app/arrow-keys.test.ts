import { expect, test } from "vitest";
import { arrowStep } from "../../src/app/arrow-keys.ts";

const pressed = (key: string, held: object = {}) => ({ key, ...held }) as KeyboardEvent;

test("arrow keys go one step, and shortcuts of the browser are its own", () => {
  expect(arrowStep(pressed("ArrowLeft"))).toEqual({ right: -1, down: 0 });
  expect(arrowStep(pressed("ArrowDown", { shiftKey: true }))).toEqual({ right: 0, down: 1 });
  expect(arrowStep(pressed("a"))).toBeUndefined();
  for (const held of ["altKey", "ctrlKey", "metaKey"])
    expect(arrowStep(pressed("ArrowLeft", { [held]: true }))).toBeUndefined();
});
