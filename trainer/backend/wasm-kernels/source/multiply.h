// The inner products of all convolutions and matrix products: 4 rows by 8 columns at a time, in registers.
#pragma once
#include "kernel.h"

#define ROWS 4
#define COLUMNS 8

typedef struct {
  f4 left[ROWS], right[ROWS];
} Tile;

// One tile → out[row][0 … width), for the first `live` rows; added to what is there where `add` is set.
static inline void put(const Tile *t, float *const *out, int live, int width, int add) {
  for (int r = 0; r < ROWS; r++) {
    if (r >= live) return;
    float *to = out[r];
    f4 left = t->left[r], right = t->right[r];
    if (width == COLUMNS) {
      if (add) {
        left = wasm_f32x4_add(left, LOAD(to));
        right = wasm_f32x4_add(right, LOAD(to + 4));
      }
      STORE(to, left);
      STORE(to + 4, right);
      continue;
    }
    float values[COLUMNS];
    STORE(values, left);
    STORE(values + 4, right);
    for (int j = 0; j < width; j++) to[j] = add ? to[j] + values[j] : values[j];
  }
}

#define STEP(k)                                                     \
  {                                                                 \
    const f4 b0 = LOAD(b + 8 * (k)), b1 = LOAD(b + 8 * (k) + 4);    \
    f4 a = SPLAT(a0 + (k));                                         \
    c00 = MADD(c00, a, b0), c01 = MADD(c01, a, b1);                 \
    a = SPLAT(a1 + (k));                                            \
    c10 = MADD(c10, a, b0), c11 = MADD(c11, a, b1);                 \
    a = SPLAT(a2 + (k));                                            \
    c20 = MADD(c20, a, b0), c21 = MADD(c21, a, b1);                 \
    a = SPLAT(a3 + (k));                                            \
    c30 = MADD(c30, a, b0), c31 = MADD(c31, a, b1);                 \
  }

// Σ over `taps` of 4 rows, each `depth` long and anywhere in memory (rows[4·tap + r]), times a packed panel of 8 columns
// for each tap (panel + offsets[tap]).
static inline Tile gathered(const float *const *rows, const int *offsets, int taps, int depth, const float *panel) {
  f4 c00 = ZERO, c01 = ZERO, c10 = ZERO, c11 = ZERO, c20 = ZERO, c21 = ZERO, c30 = ZERO, c31 = ZERO;
  for (int t = 0; t < taps; t++) {
    const float *a0 = rows[4 * t], *a1 = rows[4 * t + 1], *a2 = rows[4 * t + 2], *a3 = rows[4 * t + 3];
    const float *b = panel + offsets[t];
    int k = depth;
    for (; k >= 4; k -= 4) {
      STEP(0) STEP(1) STEP(2) STEP(3)
      a0 += 4, a1 += 4, a2 += 4, a3 += 4, b += 32;
    }
    for (; k > 0; k--) {
      STEP(0)
      a0++, a1++, a2++, a3++, b += 8;
    }
  }
  return (Tile){{c00, c10, c20, c30}, {c01, c11, c21, c31}};
}

#undef STEP
#define STEP(k)                                                     \
  {                                                                 \
    const f4 b0 = LOAD(b + 8 * (k)), b1 = LOAD(b + 8 * (k) + 4);    \
    f4 s = SPLAT(a + 4 * (k));                                      \
    c00 = MADD(c00, s, b0), c01 = MADD(c01, s, b1);                 \
    s = SPLAT(a + 4 * (k) + 1);                                     \
    c10 = MADD(c10, s, b0), c11 = MADD(c11, s, b1);                 \
    s = SPLAT(a + 4 * (k) + 2);                                     \
    c20 = MADD(c20, s, b0), c21 = MADD(c21, s, b1);                 \
    s = SPLAT(a + 4 * (k) + 3);                                     \
    c30 = MADD(c30, s, b0), c31 = MADD(c31, s, b1);                 \
  }

// The same with both sides packed: a [depth][4], b [depth][8].
static inline Tile packed(const float *a, const float *b, int depth) {
  f4 c00 = ZERO, c01 = ZERO, c10 = ZERO, c11 = ZERO, c20 = ZERO, c21 = ZERO, c30 = ZERO, c31 = ZERO;
  int k = depth;
  for (; k >= 4; k -= 4) {
    STEP(0) STEP(1) STEP(2) STEP(3)
    a += 16, b += 32;
  }
  for (; k > 0; k--) {
    STEP(0)
    a += 4, b += 8;
  }
  return (Tile){{c00, c10, c20, c30}, {c01, c11, c21, c31}};
}
#undef STEP
