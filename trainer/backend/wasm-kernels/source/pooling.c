// Gradients of pooling over x [B, h, w, c]; a chunk is a picture of the batch.
#include "kernel.h"

typedef struct {
  const float *x, *dy;
  float *dx;
  int batch, inHeight, inWidth, channels, outHeight, outWidth;
  int windowHeight, windowWidth, strideHeight, strideWidth, padTop, padLeft;
} Pooling;

// The gradient goes to the first highest value of each window, also where all are below nought.
KERNEL(max_pool_back)(const Pooling *p, int chunk, int worker) {
  const int c = p->channels;
  const float *picture = p->x + (long)chunk * p->inHeight * p->inWidth * c;
  const float *dy = p->dy + (long)chunk * p->outHeight * p->outWidth * c;
  float *dx = p->dx + (long)chunk * p->inHeight * p->inWidth * c;
  for (long k = 0; k < (long)p->inHeight * p->inWidth * c; k++) dx[k] = 0;
  for (int row = 0; row < p->outHeight; row++)
    for (int column = 0; column < p->outWidth; column++, dy += c) {
      const int top = row * p->strideHeight - p->padTop, left = column * p->strideWidth - p->padLeft;
      const int bottom = least(p->inHeight, top + p->windowHeight), right = least(p->inWidth, left + p->windowWidth);
      for (int k = 0; k < c; k++) {
        long best = -1;
        for (int y = top < 0 ? 0 : top; y < bottom; y++)
          for (int x = left < 0 ? 0 : left; x < right; x++) {
            const long at = ((long)y * p->inWidth + x) * c + k;
            if (best < 0 || picture[at] > picture[best]) best = at;
          }
        if (best >= 0) dx[best] += dy[k];
      }
    }
}

// Each value of a window takes its share: one part in as many as lie inside the picture.
KERNEL(average_pool_back)(const Pooling *p, int chunk, int worker) {
  const int c = p->channels;
  const float *dy = p->dy + (long)chunk * p->outHeight * p->outWidth * c;
  float *dx = p->dx + (long)chunk * p->inHeight * p->inWidth * c;
  for (long k = 0; k < (long)p->inHeight * p->inWidth * c; k++) dx[k] = 0;
  for (int row = 0; row < p->outHeight; row++)
    for (int column = 0; column < p->outWidth; column++, dy += c) {
      const int from = row * p->strideHeight - p->padTop, start = column * p->strideWidth - p->padLeft;
      const int top = from < 0 ? 0 : from, left = start < 0 ? 0 : start;
      const int bottom = least(p->inHeight, from + p->windowHeight), right = least(p->inWidth, start + p->windowWidth);
      const float share = 1.0f / ((bottom - top) * (right - left));
      for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
          float *to = dx + ((long)y * p->inWidth + x) * c;
          for (int k = 0; k < c; k++) to[k] += dy[k] * share;
        }
    }
}
