// Convolution over x [B, h, w, i] with w [kh, kw, i, o], and its two gradients, as products of matrices that are never
// written out: rows are found where they lie ("indirect convolution", Dukhan 2019). A matrix product is a convolution
// of one tap over one row.
#include "multiply.h"

typedef struct {
  const float *x; // [B, inHeight, inWidth, inChannels]
  float *packed;  // what is packed of the other operand
  float *y;       // [B, outHeight, outWidth, outChannels]
  float *w;       // [kh, kw, inChannels, outChannels]
  const float *zeros;
  char *scratch;
  int scratchBytes; // for each worker
  int batch, inHeight, inWidth, inChannels;
  int outHeight, outWidth, outChannels;
  int kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft;
  int rowsAChunk, columnsAChunk;
} Convolution;

// ---- packing ----

// Columns 8·chunk … of w as [kh·kw·i][8], for the forward direction.
KERNEL(pack_forward)(const Convolution *c, int chunk, int worker) {
  const int depth = c->kernelHeight * c->kernelWidth * c->inChannels, n = c->outChannels, from = chunk * COLUMNS;
  const int width = least(COLUMNS, n - from);
  float *to = c->packed + (long)chunk * depth * COLUMNS;
  const float *w = c->w + from;
  if (width == COLUMNS)
    for (int k = 0; k < depth; k++, w += n, to += COLUMNS) {
      STORE(to, LOAD(w));
      STORE(to + 4, LOAD(w + 4));
    }
  else
    for (int k = 0; k < depth; k++, w += n, to += COLUMNS)
      for (int j = 0; j < COLUMNS; j++) to[j] = j < width ? w[j] : 0;
}

// Input channels 8·chunk … of w as [kh·kw][o][8], for the gradient of x.
KERNEL(pack_backward)(const Convolution *c, int chunk, int worker) {
  const int taps = c->kernelHeight * c->kernelWidth, i = c->inChannels, o = c->outChannels, from = chunk * COLUMNS;
  const int width = least(COLUMNS, i - from);
  float *to = c->packed + (long)chunk * taps * o * COLUMNS;
  for (int t = 0; t < taps; t++) {
    const float *w = c->w + ((long)t * i + from) * o;
    for (int k = 0; k < o; k++, to += COLUMNS)
      for (int j = 0; j < COLUMNS; j++) to[j] = j < width ? w[(long)j * o + k] : 0;
  }
}

// Output channels 8·chunk … of y as [pixels][8], for the gradient of w.
KERNEL(pack_output)(const Convolution *c, int chunk, int worker) {
  const int pixels = c->batch * c->outHeight * c->outWidth, n = c->outChannels, from = chunk * COLUMNS;
  const int width = least(COLUMNS, n - from);
  float *to = c->packed + (long)chunk * pixels * COLUMNS;
  const float *y = c->y + from;
  if (width == COLUMNS)
    for (int p = 0; p < pixels; p++, y += n, to += COLUMNS) {
      STORE(to, LOAD(y));
      STORE(to + 4, LOAD(y + 4));
    }
  else
    for (int p = 0; p < pixels; p++, y += n, to += COLUMNS)
      for (int j = 0; j < COLUMNS; j++) to[j] = j < width ? y[j] : 0;
}

// ---- rows that are found where they lie ----

// `count` rows of outputs, whose inputs stand in `rows` [tile][tap][4] and whose places in `out` [tile][4].
static void multiply(const float *const *rows, float *const *out, int count, const int *offsets, int taps, int depth,
                     const float *panels, long panelSize, int columns) {
  const int tiles = above(count, ROWS);
  for (int from = 0; from < columns; from += COLUMNS, panels += panelSize)
    for (int tile = 0; tile < tiles; tile++) {
      const Tile t = gathered(rows + (long)tile * taps * ROWS, offsets, taps, depth, panels);
      float *to[ROWS];
      for (int r = 0; r < ROWS; r++) to[r] = out[tile * ROWS + r] + from;
      put(&t, to, least(ROWS, count - tile * ROWS), least(COLUMNS, columns - from), 0);
    }
}

// y = x ∗ w. A chunk is `rowsAChunk` pixels of y.
KERNEL(convolve)(const Convolution *c, int chunk, int worker) {
  const int taps = c->kernelHeight * c->kernelWidth, depth = c->inChannels, n = c->outChannels;
  const int first = chunk * c->rowsAChunk, pixels = c->batch * c->outHeight * c->outWidth;
  const int count = least(c->rowsAChunk, pixels - first), slots = above(count, ROWS) * ROWS;
  int *offsets = (int *)(c->scratch + (long)worker * c->scratchBytes);
  float **out = (float **)(offsets + taps);
  const float **rows = (const float **)(out + slots);
  for (int t = 0; t < taps; t++) offsets[t] = t * depth * COLUMNS;
  for (int s = 0; s < slots; s++) {
    const int p = first + least(s, count - 1);
    const int column = p % c->outWidth, row = p / c->outWidth % c->outHeight, b = p / c->outWidth / c->outHeight;
    out[s] = c->y + (long)p * n;
    const float **at = rows + (long)(s / ROWS) * taps * ROWS + s % ROWS;
    for (int i = 0; i < c->kernelHeight; i++)
      for (int j = 0; j < c->kernelWidth; j++, at += ROWS) {
        const int y = row * c->strideHeight + i - c->padTop, x = column * c->strideWidth + j - c->padLeft;
        const int inside = y >= 0 && y < c->inHeight && x >= 0 && x < c->inWidth;
        *at = inside ? c->x + (((long)b * c->inHeight + y) * c->inWidth + x) * depth : c->zeros;
      }
  }
  multiply(rows, out, count, offsets, taps, depth, c->packed, (long)taps * depth * COLUMNS, n);
}

// How many of `length` places leave `phase` when divided by `stride`.
static int inPhase(int length, int stride, int phase) { return phase < length ? above(length - phase, stride) : 0; }

// The gradient of x, written to it, from y's. Pixels of x fall into stride × stride phases, each of which some taps
// reach and others never do; a chunk is `rowsAChunk` pixels of one phase.
KERNEL(convolve_back)(const Convolution *c, int chunk, int worker) {
  const int depth = c->outChannels, n = c->inChannels, sh = c->strideHeight, sw = c->strideWidth;
  int phase = 0, tall = 0, wide = 0, pixels = 0;
  for (; phase < sh * sw; phase++) {
    tall = inPhase(c->inHeight, sh, phase / sw), wide = inPhase(c->inWidth, sw, phase % sw);
    pixels = c->batch * tall * wide;
    const int chunks = above(pixels, c->rowsAChunk);
    if (chunk < chunks) break;
    chunk -= chunks;
  }
  if (phase == sh * sw) return;
  const int py = phase / sw, px = phase % sw;
  const int first = chunk * c->rowsAChunk, count = least(c->rowsAChunk, pixels - first);
  const int slots = above(count, ROWS) * ROWS;

  int *offsets = (int *)(c->scratch + (long)worker * c->scratchBytes);
  int taps = 0;
  for (int i = (py + c->padTop) % sh; i < c->kernelHeight; i += sh)
    for (int j = (px + c->padLeft) % sw; j < c->kernelWidth; j += sw)
      offsets[taps++] = (i * c->kernelWidth + j) * depth * COLUMNS;
  float **out = (float **)(offsets + taps);
  const float **rows = (const float **)(out + slots);
  for (int s = 0; s < slots; s++) {
    const int p = first + least(s, count - 1);
    const int x = p % wide * sw + px, y = p / wide % tall * sh + py, b = p / wide / tall;
    out[s] = (float *)c->x + (((long)b * c->inHeight + y) * c->inWidth + x) * n;
    const float **at = rows + (long)(s / ROWS) * taps * ROWS + s % ROWS;
    for (int i = (py + c->padTop) % sh; i < c->kernelHeight; i += sh)
      for (int j = (px + c->padLeft) % sw; j < c->kernelWidth; j += sw, at += ROWS) {
        const int row = y + c->padTop - i, column = x + c->padLeft - j;
        const int inside = row >= 0 && row < c->outHeight * sh && column >= 0 && column < c->outWidth * sw;
        *at = inside ? c->y + (((long)b * c->outHeight + row / sh) * c->outWidth + column / sw) * depth : c->zeros;
      }
  }
  multiply(rows, out, count, offsets, taps, depth, c->packed,
           (long)c->kernelHeight * c->kernelWidth * depth * COLUMNS, n);
}

// ---- the gradient of w: xᵀ · dy, a sum over all pixels ----

#define PIXELS 256 // at a time, so that what is packed of x stays in the cache

// Rows r … r+3 of the gradient (a row is a tap and an input channel) for pixels first … first+count, as [count][4].
static void packRows(const Convolution *c, int r, int live, int first, int count, float *to) {
  const int i = c->inChannels;
  const int together = live == ROWS && r / i == (r + ROWS - 1) / i;
  for (int q = 0; q < (together ? 1 : ROWS); q++) {
    if (q >= live) {
      for (int p = 0; p < count; p++) to[ROWS * p + q] = 0;
      continue;
    }
    const int tap = (r + q) / i, channel = (r + q) % i;
    const int dy = tap / c->kernelWidth - c->padTop, dx = tap % c->kernelWidth - c->padLeft;
    int column = first % c->outWidth, row = first / c->outWidth % c->outHeight, b = first / c->outWidth / c->outHeight;
    int p = 0;
    while (p < count) {
      const int y = row * c->strideHeight + dy;
      const int end = least(count, p + c->outWidth - column);
      const float *line = c->x + (((long)b * c->inHeight + y) * c->inWidth) * i + channel;
      const int visible = y >= 0 && y < c->inHeight;
      for (; p < end; p++, column++) {
        const int x = column * c->strideWidth + dx;
        const int inside = visible && x >= 0 && x < c->inWidth;
        if (together)
          STORE(to + ROWS * p, inside ? LOAD(line + (long)x * i) : ZERO);
        else
          to[ROWS * p + q] = inside ? line[(long)x * i] : 0;
      }
      column = 0;
      if (++row == c->outHeight) row = 0, b++;
    }
  }
}

// A chunk is a block of the gradient, `rowsAChunk` by `columnsAChunk`.
KERNEL(convolve_weights)(const Convolution *c, int chunk, int worker) {
  const int rows = c->kernelHeight * c->kernelWidth * c->inChannels, n = c->outChannels;
  const int across = above(n, c->columnsAChunk), pixels = c->batch * c->outHeight * c->outWidth;
  const int top = chunk / across * c->rowsAChunk, bottom = least(rows, top + c->rowsAChunk);
  const int left = chunk % across * c->columnsAChunk, right = least(n, left + c->columnsAChunk);
  float *a = (float *)(c->scratch + (long)worker * c->scratchBytes);
  for (int first = 0; first < pixels; first += PIXELS) {
    const int count = least(PIXELS, pixels - first);
    for (int r = top; r < bottom; r += ROWS)
      packRows(c, r, least(ROWS, bottom - r), first, count, a + (long)(r - top) * PIXELS);
    for (int from = left; from < right; from += COLUMNS) {
      const float *b = c->packed + ((long)from / COLUMNS * pixels + first) * COLUMNS;
      for (int r = top; r < bottom; r += ROWS) {
        const Tile t = packed(a + (long)(r - top) * PIXELS, b, count);
        float *to[ROWS];
        for (int q = 0; q < ROWS; q++) to[q] = c->w + (long)(r + q) * n + from;
        put(&t, to, least(ROWS, bottom - r), least(COLUMNS, right - from), first > 0);
      }
    }
  }
}
