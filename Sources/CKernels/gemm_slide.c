#include "gemm_internal.h"

// One channel, one kernel (a depthwise convolution, channel by channel): the windows aren't copied out, the kernel slides
// over the image instead.

enum { CHUNK = 256 };

bool ck_slides(const ck_product *p) { return p->windows.kernel_rows > 0 && p->windows.channels == 1 && p->n == 1; }

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// Adds what one element of the kernel contributes to `count` windows of a row, the first of which sees pixel `x` there.
static void add_element(const ck_product *p, const int8_t *line, int64_t x, int64_t count, int32_t weight, int32_t *sums) {
  const ck_windows *w = &p->windows;
  int64_t first = x < 0 ? (-x + w->stride_x - 1) / w->stride_x : 0;
  int64_t end = x < w->width ? smaller(count, (w->width - 1 - x) / w->stride_x + 1) : 0;
  if (first >= end) return;
  const int8_t *pixel = line + (x + first * w->stride_x) * w->pixel_pitch;
  int64_t step = w->stride_x * w->pixel_pitch;
  for (int64_t i = first; i < end; i++, pixel += step) {
    sums[i] = (int32_t)((uint32_t)sums[i] + (uint32_t)((*pixel - p->a_zero) * weight));
  }
}

// Row `index` of windows.
static void slide(void *context, int64_t index, int worker) {
  (void)worker;
  const ck_product *p = context;
  const ck_windows *w = &p->windows;
  int64_t start = index * w->output_columns, all = smaller(w->output_columns, p->m - start);
  uint32_t bias = 0;
  if (p->bias) memcpy(&bias, p->bias, 4);
  for (int64_t from = 0; from < all; from += CHUNK) {
    int64_t count = smaller(CHUNK, all - from);
    int32_t sums[CHUNK] = {0};
    for (int64_t k = 0; k < p->k; k++) {
      int64_t y = w->origin_y + index * w->stride_y + k / w->kernel_columns * w->dilation_y;
      int64_t x = w->origin_x + from * w->stride_x + k % w->kernel_columns * w->dilation_x;
      if (y < 0 || y >= w->height) continue;
      int32_t weight = p->b[k * (p->b_by_columns ? 1 : p->b_pitch)] - p->b_zero;
      add_element(p, p->a + y * p->a_pitch, x, count, weight, sums);
    }
    uint8_t *out = p->out + (start + from) * p->out_pitch;
    for (int64_t i = 0; i < count; i++, out += p->out_pitch) {
      uint32_t sum = (uint32_t)sums[i] + bias, before = 0;
      if (p->accumulate) memcpy(&before, out, 4);
      sum += before;
      memcpy(out, &sum, 4);
    }
  }
}

void ck_slide(const ck_product *product, ck_pool *pool) {
  ck_product copy = *product;
  int64_t rows = (copy.m + copy.windows.output_columns - 1) / copy.windows.output_columns;
  // A fork costs as much as some ten thousand products.
  if (copy.m * copy.k > 1 << 15) {
    ck_pool_run(pool, rows, &copy, slide);
  } else {
    for (int64_t row = 0; row < rows; row++) slide(&copy, row, 0);
  }
}
