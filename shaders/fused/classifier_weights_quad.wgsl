// What classifier_weights_each says, for adapters on which a load is dear: all four of a quad need the same, each loads one column
// and hands it around.
enable subgroups;
fn classifier_weights(classes: u32, neurons: u32, lane: u32) -> mat4x4f {
  let own = parameters[OUTPUT_LAYER_OFFSET + (classes * 4 + lane) * (OUTPUT_VECTORS + 1) + neurons];
  return mat4x4f(quadBroadcast(own, 0u), quadBroadcast(own, 1u), quadBroadcast(own, 2u), quadBroadcast(own, 3u));
}
