// Steps of the optimizer for 4 x 4 parameters: all that they load is under way before the first one stores.
#include "optimizer_step.wgsl"

fn optimizer_steps(at: vec4u, gradients: mat4x4f, is_bias: bool) {
  #for n in 0..4
  let before{n} = before_step(at[{n}]);
  #end
  #for n in 0..4
  step_from(before{n}, at[{n}], gradients[{n}], is_bias);
  #end
}
