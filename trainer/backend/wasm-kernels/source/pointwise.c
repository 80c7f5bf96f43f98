// Gradients of activations, from the gradient and the activation's own output.
#include "kernel.h"

typedef struct {
  const float *dy, *y;
  float *dx;
  int size, sizeAChunk;
} Pointwise;

#define POINTWISE(name, EXPRESSION)                                              \
  KERNEL(name)(const Pointwise *p, int chunk, int worker) {                      \
    const int first = chunk * p->sizeAChunk, last = least(p->size, first + p->sizeAChunk); \
    int k = first;                                                               \
    for (; k + 4 <= last; k += 4) {                                              \
      const f4 dy = LOAD(p->dy + k), y = LOAD(p->y + k);                         \
      STORE(p->dx + k, EXPRESSION);                                              \
    }                                                                            \
    for (; k < last; k++) {                                                      \
      const f4 dy = wasm_f32x4_splat(p->dy[k]), y = wasm_f32x4_splat(p->y[k]);   \
      p->dx[k] = wasm_f32x4_extract_lane(EXPRESSION, 0);                         \
    }                                                                            \
  }

#define SIX wasm_f32x4_const(6, 6, 6, 6)
#define ONE wasm_f32x4_const(1, 1, 1, 1)

POINTWISE(relu_back, wasm_v128_and(dy, wasm_f32x4_gt(y, ZERO)))
POINTWISE(relu6_back, wasm_v128_and(dy, wasm_v128_and(wasm_f32x4_gt(y, ZERO), wasm_f32x4_lt(y, SIX))))
POINTWISE(sigmoid_back, wasm_f32x4_mul(dy, wasm_f32x4_mul(y, wasm_f32x4_sub(ONE, y))))
POINTWISE(tanh_back, wasm_f32x4_mul(dy, wasm_f32x4_sub(ONE, wasm_f32x4_mul(y, y))))
