// Moving values about: rows of a matrix put into or taken from wider ones, and rows added up by their number.
#include "kernel.h"

typedef struct {
  const float *from;
  float *to;
  int rows, width;       // what is moved: `rows` runs of `width` values
  int fromStep, toStep;  // values from one run to the next
  int rowsAChunk;
} Movement;

KERNEL(move_rows)(const Movement *m, int chunk, int worker) {
  const int first = chunk * m->rowsAChunk, last = least(m->rows, first + m->rowsAChunk);
  for (int row = first; row < last; row++) {
    const float *from = m->from + (long)row * m->fromStep;
    float *to = m->to + (long)row * m->toStep;
    int k = 0;
    for (; k + 4 <= m->width; k += 4) STORE(to + k, LOAD(from + k));
    for (; k < m->width; k++) to[k] = from[k];
  }
}

typedef struct {
  const float *x;    // [rows, width]
  const int *number; // [rows]: which row of y each belongs to; below nought to none
  float *y;          // [segments, width]
  int rows, width, segments;
} Segments;

KERNEL(segment_sum)(const Segments *s, int chunk, int worker) {
  for (long k = 0; k < (long)s->segments * s->width; k++) s->y[k] = 0;
  for (int row = 0; row < s->rows; row++) {
    if (s->number[row] < 0 || s->number[row] >= s->segments) continue;
    float *to = s->y + (long)s->number[row] * s->width;
    for (int k = 0; k < s->width; k++) to[k] += s->x[(long)row * s->width + k];
  }
}
