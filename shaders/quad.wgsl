// The four invocations of a quad, which add up or hand around what they have in registers. Needs the `subgroups` feature
// (put `enable subgroups;` first) and works for any subgroup size, as long as invocations 4q to 4q + 3 form quad q.

// Sums over the quad of four numbers each: invocation i of the quad gets the sum of the i-th ones. Two exchanges of half
// of what is left each: a transpose and a sum in one.
fn quad_sums(v: vec4f, lane: u32) -> f32 {
  let odd = (lane & 1) == 1;
  let high = (lane & 2) == 2;
  let low_pair = select(v.x, v.y, odd) + quadSwapX(select(v.y, v.x, odd));
  let high_pair = select(v.z, v.w, odd) + quadSwapX(select(v.w, v.z, odd));
  return select(low_pair, high_pair, high) + quadSwapY(select(high_pair, low_pair, high));
}
