/// <reference types="@webgpu/types" preserve="true" />

// The library's types for versions of TypeScript before 6, whose own libraries do not know WebGPU.
export * from "./index.ts";
