/** The part of wgsl_reflect's API that the tests use; its package declares types for another entry only. */
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  interface Variable {
    readonly name: string;
    readonly group: number;
    readonly binding: number;
    readonly size: number;
    readonly access: string;
  }
  export class WgslReflect {
    constructor(code: string);
    readonly uniforms: readonly Variable[];
    readonly storage: readonly Variable[];
    readonly overrides: readonly { readonly name: string }[];
    readonly structs: readonly {
      readonly name: string;
      readonly members: readonly { readonly name: string; readonly offset: number }[];
    }[];
  }
}
