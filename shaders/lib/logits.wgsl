// What softmax and loss share: the logits z of one sample, four classes a vector. What pads the last vector counts for
// nothing. Subtracting the row's maximum keeps every exponential at most 1, whatever the logits.
override CLASSES: u32;
alias Classes = array<vec4f, {CLASS_VECTORS}>;   // a number for each class

// Whether classes 4 vector to 4 vector + 3 exist.
fn exist(vector: u32) -> vec4<bool> { return vector * 4 + vec4u(0, 1, 2, 3) < vec4u(CLASSES); }

fn maximum_of(z: Classes) -> f32 {
  var highest = vec4f(z[0].x);
  #for q in 0..CLASS_VECTORS
  highest = max(highest, select(highest, z[{q}], exist({q})));
  #end
  return max(max(highest.x, highest.y), max(highest.z, highest.w));
}

// e^(z - maximum)
fn exponentials(z: Classes, maximum: f32) -> Classes {
  return Classes(
    #for q in 0..CLASS_VECTORS
    select(vec4f(0), exp(z[{q}] - maximum), exist({q})),
    #end
  );
}

fn sum_of(values: Classes) -> f32 {
  return 0
  #for q in 0..CLASS_VECTORS
    + dot(values[{q}], vec4f(1))
  #end
    ;
}
