// Sums of x [outer, middle, inner] over its middle: every reduction over neighbouring axes is one of these.
#include "kernel.h"

typedef struct {
  const float *x;
  float *y;
  int outer, middle, inner;
  float factor; // 1, or 1 / middle for a mean
} Sum;

#define LANES 16  // of `inner` in a chunk
#define BLOCK 64  // summed on their own first, so that long sums keep their precision

KERNEL(sum_middle)(const Sum *s, int chunk, int worker) {
  const int across = above(s->inner, LANES), outer = chunk / across, first = chunk % across * LANES;
  const int last = least(s->inner, first + LANES);
  const float *x = s->x + (long)outer * s->middle * s->inner;
  float *y = s->y + (long)outer * s->inner;
  for (int k = first; k < last; k++) y[k] = 0;
  if (s->inner == 1) {
    double total = 0;
    for (int m = 0; m < s->middle; m += BLOCK) {
      const int end = least(s->middle, m + BLOCK);
      f4 four = ZERO;
      int i = m;
      for (; i + 4 <= end; i += 4) four = wasm_f32x4_add(four, LOAD(x + i));
      float part = wasm_f32x4_extract_lane(four, 0) + wasm_f32x4_extract_lane(four, 1) +
                   wasm_f32x4_extract_lane(four, 2) + wasm_f32x4_extract_lane(four, 3);
      for (; i < end; i++) part += x[i];
      total += part;
    }
    y[0] = (float)total * s->factor;
    return;
  }
  for (int m = 0; m < s->middle; m += BLOCK) {
    const int end = least(s->middle, m + BLOCK);
    if (last - first == LANES) {
      f4 a = ZERO, b = ZERO, c = ZERO, d = ZERO;
      for (int i = m; i < end; i++) {
        const float *row = x + (long)i * s->inner + first;
        a = wasm_f32x4_add(a, LOAD(row));
        b = wasm_f32x4_add(b, LOAD(row + 4));
        c = wasm_f32x4_add(c, LOAD(row + 8));
        d = wasm_f32x4_add(d, LOAD(row + 12));
      }
      float *to = y + first;
      STORE(to, wasm_f32x4_add(LOAD(to), a));
      STORE(to + 4, wasm_f32x4_add(LOAD(to + 4), b));
      STORE(to + 8, wasm_f32x4_add(LOAD(to + 8), c));
      STORE(to + 12, wasm_f32x4_add(LOAD(to + 12), d));
    } else
      for (int k = first; k < last; k++) {
        float part = 0;
        for (int i = m; i < end; i++) part += x[(long)i * s->inner + k];
        y[k] += part;
      }
  }
  for (int k = first; k < last; k++) y[k] *= s->factor;
}
