// The input X [batch, inputs] of the first layer: the mini-batch's images, gathered through the epoch's order.
// A pixel's value is its byte / 255; four pixels share a word, rows are padded with zeros to whole words.
var<storage, read> images: array<u32>;
var<storage, read> order: array<u32>;

fn input_row(sample: u32) -> u32 { return order[current.first + sample] * INPUT_VECTORS; }
fn input_at(index: u32) -> vec4f { return unpack4x8unorm(images[index]); }
