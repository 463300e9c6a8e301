// Sums over the invocations of a workgroup, in an order that is always the same. Invocation i has put its vector n at
// n * SUM_PITCH + i of `shared_vectors`, which whoever includes this declares; afterwards the n-th sum is at n * SUM_PITCH.
const SUM_PITCH = {THREADS}u + 1;   // of different banks

fn add_up(count: u32, local: u32) {
  workgroupBarrier();
  for (var i = local; i < count * 8; i += {THREADS}) {   // eight numbers of each sum: every eighth invocation's
    let at = i / 8 * SUM_PITCH + i % 8;
    var sum = vec4f();
    #for j in 0..EIGHTHS
    sum += shared_vectors[at + {j} * 8];
    #end
    shared_vectors[at] = sum;
  }
  workgroupBarrier();
  if (local < count) {
    let at = local * SUM_PITCH;
    var sum = vec4f();
    #for j in 0..8
    sum += shared_vectors[at + {j}];
    #end
    shared_vectors[at] = sum;
  }
  workgroupBarrier();
}
