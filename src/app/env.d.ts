interface ImportMetaEnv {
  /** The data sets that lie beside the page, by name; undefined where the build does not know. */
  readonly DATA_SETS?: readonly string[];
}
