// Batch norm by the batch's own statistics, over x [rows, channels], and its gradient. Statistics are gathered a chunk of
// rows at a time, while the chunk is in the cache, and then combined (Chan, Golub and LeVeque 1979), so that a mean far
// from nought costs no precision. What a chunk computes doesn't depend on the number of threads.
#include "kernel.h"

typedef struct {
  const float *x;
  float *y; // in the gradient: dx
  const float *dy;
  const float *scale, *offset, *oldMean, *oldVariance;
  float *newMean, *newVariance; // running statistics; in the gradient: those by scale and by offset
  float *mean, *inverse;        // the batch's mean, and 1 / √(variance + ε)
  float *partial;               // [chunks, 2, channels]
  int rows, channels, rowsAChunk, chunks;
  float epsilon, momentum;
} BatchNorm;

// The mean, and the sum of squares about it, of each channel over a chunk's rows.
KERNEL(norm_statistics)(const BatchNorm *n, int chunk, int worker) {
  const int c = n->channels, first = chunk * n->rowsAChunk, count = least(n->rowsAChunk, n->rows - first);
  float *mean = n->partial + (long)chunk * 2 * c, *squares = mean + c;
  const float *x = n->x + (long)first * c;
  for (int k = 0; k < c; k++) mean[k] = squares[k] = 0;
  for (int r = 0; r < count; r++) {
    const float *row = x + (long)r * c;
    int k = 0;
    for (; k + 4 <= c; k += 4) STORE(mean + k, wasm_f32x4_add(LOAD(mean + k), LOAD(row + k)));
    for (; k < c; k++) mean[k] += row[k];
  }
  for (int k = 0; k < c; k++) mean[k] /= count;
  for (int r = 0; r < count; r++) {
    const float *row = x + (long)r * c;
    int k = 0;
    for (; k + 4 <= c; k += 4) {
      const f4 off = wasm_f32x4_sub(LOAD(row + k), LOAD(mean + k));
      STORE(squares + k, MADD(LOAD(squares + k), off, off));
    }
    for (; k < c; k++) squares[k] += (row[k] - mean[k]) * (row[k] - mean[k]);
  }
}

// All chunks' statistics together, and the running ones; the running variance takes the unbiased one (Bessel).
KERNEL(norm_combine)(const BatchNorm *n, int chunk, int worker) {
  const int c = n->channels;
  for (int k = 0; k < c; k++) {
    double mean = 0, squares = 0, seen = 0;
    for (int i = 0; i < n->chunks; i++) {
      const double count = least(n->rowsAChunk, n->rows - i * n->rowsAChunk), total = seen + count;
      const float *part = n->partial + (long)i * 2 * c;
      const double apart = part[k] - mean;
      mean += apart * count / total;
      squares += part[c + k] + apart * apart * seen * count / total;
      seen = total;
    }
    const double variance = squares / n->rows, unbiased = squares / (n->rows > 1 ? n->rows - 1 : 1);
    n->mean[k] = (float)mean;
    n->inverse[k] = (float)(1 / __builtin_sqrt(variance + n->epsilon));
    n->newMean[k] = (float)(n->oldMean[k] * (1 - (double)n->momentum) + mean * n->momentum);
    n->newVariance[k] = (float)(n->oldVariance[k] * (1 - (double)n->momentum) + unbiased * n->momentum);
  }
}

KERNEL(norm_apply)(const BatchNorm *n, int chunk, int worker) {
  const int c = n->channels, first = chunk * n->rowsAChunk, last = least(n->rows, first + n->rowsAChunk);
  for (int r = first; r < last; r++) {
    const float *x = n->x + (long)r * c;
    float *y = n->y + (long)r * c;
    int k = 0;
    for (; k + 4 <= c; k += 4) {
      const f4 normed = wasm_f32x4_mul(wasm_f32x4_sub(LOAD(x + k), LOAD(n->mean + k)), LOAD(n->inverse + k));
      STORE(y + k, MADD(LOAD(n->offset + k), normed, LOAD(n->scale + k)));
    }
    for (; k < c; k++) y[k] = n->offset[k] + (x[k] - n->mean[k]) * n->inverse[k] * n->scale[k];
  }
}

// Σ dy and Σ dy · (x − mean) over a chunk's rows.
KERNEL(norm_back_sums)(const BatchNorm *n, int chunk, int worker) {
  const int c = n->channels, first = chunk * n->rowsAChunk, last = least(n->rows, first + n->rowsAChunk);
  float *sums = n->partial + (long)chunk * 2 * c, *aligned = sums + c;
  for (int k = 0; k < c; k++) sums[k] = aligned[k] = 0;
  for (int r = first; r < last; r++) {
    const float *x = n->x + (long)r * c, *dy = n->dy + (long)r * c;
    int k = 0;
    for (; k + 4 <= c; k += 4) {
      const f4 d = LOAD(dy + k);
      STORE(sums + k, wasm_f32x4_add(LOAD(sums + k), d));
      STORE(aligned + k, MADD(LOAD(aligned + k), d, wasm_f32x4_sub(LOAD(x + k), LOAD(n->mean + k))));
    }
    for (; k < c; k++) sums[k] += dy[k], aligned[k] += dy[k] * (x[k] - n->mean[k]);
  }
}

// The gradients of scale and offset; the first chunk's room then holds the mean of dy and its slope along x − mean.
KERNEL(norm_back_combine)(const BatchNorm *n, int chunk, int worker) {
  const int c = n->channels;
  for (int k = 0; k < c; k++) {
    double sum = 0, aligned = 0;
    for (int i = 0; i < n->chunks; i++) {
      sum += n->partial[(long)i * 2 * c + k];
      aligned += n->partial[((long)i * 2 + 1) * c + k];
    }
    const double inverse = n->inverse[k];
    n->newMean[k] = (float)(aligned * inverse);
    n->newVariance[k] = (float)sum;
    n->partial[k] = (float)(sum / n->rows);
    n->partial[c + k] = (float)(aligned / n->rows * inverse * inverse);
  }
}

KERNEL(norm_back_apply)(const BatchNorm *n, int chunk, int worker) {
  const int c = n->channels, first = chunk * n->rowsAChunk, last = least(n->rows, first + n->rowsAChunk);
  const float *level = n->partial, *slope = n->partial + c;
  for (int r = first; r < last; r++) {
    const float *x = n->x + (long)r * c, *dy = n->dy + (long)r * c;
    float *dx = n->y + (long)r * c;
    int k = 0;
    for (; k + 4 <= c; k += 4) {
      const f4 off = wasm_f32x4_mul(wasm_f32x4_sub(LOAD(x + k), LOAD(n->mean + k)), LOAD(slope + k));
      const f4 rest = wasm_f32x4_sub(wasm_f32x4_sub(LOAD(dy + k), LOAD(level + k)), off);
      STORE(dx + k, wasm_f32x4_mul(rest, wasm_f32x4_mul(LOAD(n->scale + k), LOAD(n->inverse + k))));
    }
    for (; k < c; k++) {
      const float rest = dy[k] - level[k] - (x[k] - n->mean[k]) * slope[k];
      dx[k] = rest * (n->scale[k] * n->inverse[k]);
    }
  }
}
