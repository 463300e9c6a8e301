// An update of one layer.
const OUTPUT_LAYER_FIRST = 0xffffffffu;

fn update_output_layer(input: u32, local: u32) {}
