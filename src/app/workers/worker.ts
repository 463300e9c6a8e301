import { backgroundFunctions, handedOver } from "./background.ts";
import { serveCalls } from "./calls.ts";
import { cpuFunctions } from "./cpu.ts";

/* The program of every worker of the page: one, since what each of them does needs much of what the others do. */

serveCalls({ ...backgroundFunctions, ...cpuFunctions }, (name, result) =>
  name in backgroundFunctions ? handedOver(result as Parameters<typeof handedOver>[0]) : [],
);
