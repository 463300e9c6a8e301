import { version } from "../../package.json";

/** This program as files name it: another version may compute other numbers. */
export const programName = `mnist-webgpu ${version}`;
