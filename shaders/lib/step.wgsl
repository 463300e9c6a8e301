// What every kernel knows of the step under way. The host writes one `Step` for each step ahead of time; the commands
// of all steps are the same but for the dynamic offset at which this uniform is bound.
struct Step {
  first: u32,          // position in the epoch's order of the mini-batch's first sample
  size: u32,           // samples in the mini-batch; the last one of an epoch may be short
  learning_rate: f32,
  number: u32,         // of the step since training began, from 1
  seed: u32,
  momentum_correction: f32,        // 1 / (1 - momentum^age): Adam's averages begin at zero, age steps ago
  second_moment_correction: f32,   // 1 / (1 - beta2^age)
  average_share: f32,              // of the way to the new parameters that their average goes
  @size(16) magnitude: f32,        // what deformations of images are multiplied by; several `Step`s lie 48 bytes apart
}
var<uniform> current: Step;

// Invocations of a workgroup, chosen for the adapter.
override WORKGROUP: u32;

// The flat number of this workgroup: grids that exceed the limit of one dimension are folded into two.
fn workgroup_index(group_id: vec3u, group_count: vec3u) -> u32 { return group_id.y * group_count.x + group_id.x; }

// The flat number of this invocation.
fn invocation(group_id: vec3u, group_count: vec3u, local: u32) -> u32 {
  return workgroup_index(group_id, group_count) * WORKGROUP + local;
}
