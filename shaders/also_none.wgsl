// An update that is of one layer.
const ALSO_FIRST = 0xffffffffu;

fn update_output_layer(invocation: u32) {}
