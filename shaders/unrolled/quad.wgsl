// The four invocations of a quad, which add up or hand around what they have in registers. Needs the `subgroups` feature
// (put `enable subgroups;` first) and works for any subgroup size, as long as invocations 4q to 4q + 3 form quad q. Quads of a
// subgroup may go different ways (`diagnostic(off, subgroup_uniformity);`).

// Sums over the quad: invocation i gets the sum of all i-th columns. Two exchanges of half of what is left each.
fn quad_sums(columns: mat4x4f, lane: u32) -> vec4f {
  let odd = (lane & 1) == 1;
  let high = (lane & 2) == 2;
  let low_pair = select(columns[0], columns[1], odd) + quadSwapX(select(columns[1], columns[0], odd));
  let high_pair = select(columns[2], columns[3], odd) + quadSwapX(select(columns[3], columns[2], odd));
  return select(low_pair, high_pair, high) + quadSwapY(select(high_pair, low_pair, high));
}
