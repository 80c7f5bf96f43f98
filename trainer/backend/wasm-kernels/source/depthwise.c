// Depthwise convolution over x [B, h, w, c] with w [kh, kw, c, m] (m outputs for each channel, nearly always one), and
// its gradients.
#include "kernel.h"

typedef struct {
  float *x; // [B, inHeight, inWidth, channels]
  float *y; // [B, outHeight, outWidth, channels · multiplier]
  float *w; // [kh, kw, channels, multiplier]
  int batch, inHeight, inWidth, channels;
  int outHeight, outWidth, multiplier;
  int kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft;
} Depthwise;

static inline float *pixelOfX(const Depthwise *d, int b, int y, int x) {
  return d->x + (((long)b * d->inHeight + y) * d->inWidth + x) * d->channels;
}

static inline float *pixelOfY(const Depthwise *d, int b, int y, int x) {
  return d->y + (((long)b * d->outHeight + y) * d->outWidth + x) * d->channels * d->multiplier;
}

// One line of y. Each pixel takes its taps in turn, all channels at a time.
KERNEL(depthwise)(const Depthwise *d, int chunk, int worker) {
  const int b = chunk / d->outHeight, row = chunk % d->outHeight, c = d->channels, m = d->multiplier;
  for (int column = 0; column < d->outWidth; column++) {
    float *to = pixelOfY(d, b, row, column);
    for (int k = 0; k < c * m; k++) to[k] = 0;
    for (int i = 0; i < d->kernelHeight; i++) {
      const int y = row * d->strideHeight + i - d->padTop;
      if (y < 0 || y >= d->inHeight) continue;
      for (int j = 0; j < d->kernelWidth; j++) {
        const int x = column * d->strideWidth + j - d->padLeft;
        if (x < 0 || x >= d->inWidth) continue;
        const float *from = pixelOfX(d, b, y, x), *w = d->w + ((long)i * d->kernelWidth + j) * c * m;
        int k = 0;
        if (m == 1)
          for (; k + 4 <= c; k += 4) STORE(to + k, MADD(LOAD(to + k), LOAD(from + k), LOAD(w + k)));
        for (; k < c * m; k++) to[k] += from[k / m] * w[k];
      }
    }
  }
}

// One line of the gradient of x.
KERNEL(depthwise_back)(const Depthwise *d, int chunk, int worker) {
  const int b = chunk / d->inHeight, row = chunk % d->inHeight, c = d->channels, m = d->multiplier;
  for (int column = 0; column < d->inWidth; column++) {
    float *to = pixelOfX(d, b, row, column);
    for (int k = 0; k < c; k++) to[k] = 0;
    for (int i = (row + d->padTop) % d->strideHeight; i < d->kernelHeight; i += d->strideHeight) {
      const int y = row + d->padTop - i;
      if (y < 0 || y >= d->outHeight * d->strideHeight) continue;
      for (int j = (column + d->padLeft) % d->strideWidth; j < d->kernelWidth; j += d->strideWidth) {
        const int x = column + d->padLeft - j;
        if (x < 0 || x >= d->outWidth * d->strideWidth) continue;
        const float *from = pixelOfY(d, b, y / d->strideHeight, x / d->strideWidth);
        const float *w = d->w + ((long)i * d->kernelWidth + j) * c * m;
        int k = 0;
        if (m == 1)
          for (; k + 4 <= c; k += 4) STORE(to + k, MADD(LOAD(to + k), LOAD(from + k), LOAD(w + k)));
        for (int q = k * m; q < c * m; q++) to[q / m] += from[q] * w[q];
      }
    }
  }
}

#define LANES 16 // channels of a chunk: what lies together in one cache line

// The gradient of w for channels 16·chunk …, a line of y after another, while the lines of x it meets are in the cache.
KERNEL(depthwise_weights)(const Depthwise *d, int chunk, int worker) {
  const int c = d->channels, m = d->multiplier, first = chunk * LANES, last = least(c, first + LANES);
  const int taps = d->kernelHeight * d->kernelWidth, whole = m == 1 && last - first == LANES;
  for (int t = 0; t < taps; t++)
    for (int k = first * m; k < last * m; k++) d->w[(long)t * c * m + k] = 0;
  for (int b = 0; b < d->batch; b++)
    for (int row = 0; row < d->outHeight; row++)
      for (int i = 0; i < d->kernelHeight; i++) {
        const int y = row * d->strideHeight + i - d->padTop;
        if (y < 0 || y >= d->inHeight) continue;
        for (int j = 0; j < d->kernelWidth; j++) {
          const int shift = j - d->padLeft, s = d->strideWidth;
          const int from = shift < 0 ? above(-shift, s) : 0;
          const int to = least(d->outWidth, d->inWidth - shift <= 0 ? 0 : above(d->inWidth - shift, s));
          if (to <= from) continue;
          const float *x = pixelOfX(d, b, y, from * s + shift), *dy = pixelOfY(d, b, row, from);
          float *w = d->w + ((long)i * d->kernelWidth + j) * c * m;
          if (whole) {
            x += first, dy += first, w += first;
            f4 s0 = LOAD(w), s1 = LOAD(w + 4), s2 = LOAD(w + 8), s3 = LOAD(w + 12);
            for (int column = from; column < to; column++, x += (long)s * c, dy += c) {
              s0 = MADD(s0, LOAD(x), LOAD(dy));
              s1 = MADD(s1, LOAD(x + 4), LOAD(dy + 4));
              s2 = MADD(s2, LOAD(x + 8), LOAD(dy + 8));
              s3 = MADD(s3, LOAD(x + 12), LOAD(dy + 12));
            }
            STORE(w, s0);
            STORE(w + 4, s1);
            STORE(w + 8, s2);
            STORE(w + 12, s3);
          } else
            for (int column = from; column < to; column++, x += (long)s * c, dy += (long)c * m)
              for (int k = first * m; k < last * m; k++) w[k] += x[k / m] * dy[k];
        }
      }
}
