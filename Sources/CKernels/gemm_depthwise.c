#include "gemm_internal.h"

// Depthwise products: the channels of a pixel stand side by side, so a few vectors of them are added up tap by tap.

enum { CHANNELS = 64, TAPS = 64 };

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// Adds what one pixel contributes to `count` channels.
static inline void add_pixel(const int8_t *pixel, const int16_t *weights, int32_t zero, int count, int32_t *restrict sums) {
  for (int c = 0; c < count; c++) {
    sums[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)((pixel[c] - zero) * (int32_t)weights[c]));
  }
}

static void finish(const ck_product *p, int64_t row, int64_t channel, int count, const int32_t *sums, bool adds) {
  uint8_t *out = p->out + row * p->out_pitch + 4 * channel;
  for (int c = 0; c < count; c++, out += 4) {
    uint32_t sum = (uint32_t)sums[c], before = 0, bias = 0;
    if (adds) memcpy(&before, out, 4);
    if (!adds && p->bias) memcpy(&bias, p->bias + 4 * (channel + c), 4);
    sum += before + bias;
    memcpy(out, &sum, 4);
  }
}

// Taps `first` to `end` of a row of windows, over `count` channels.
static void taps(const ck_product *p, int64_t index, int64_t channel, int count, int64_t first, int64_t end) {
  const ck_windows *w = &p->windows;
  int16_t weights[TAPS][CHANNELS];
  for (int64_t k = first; k < end; k++) {
    for (int c = 0; c < count; c++) {
      int64_t place = p->b_by_columns ? (channel + c) * p->b_pitch + k : k * p->b_pitch + channel + c;
      weights[k - first][c] = (int16_t)(p->b[place] - p->b_zero);
    }
  }
  int64_t start = index * w->output_columns, all = smaller(w->output_columns, p->m - start);
  for (int64_t i = 0; i < all; i++) {
    int32_t sums[CHANNELS] = {0};
    for (int64_t k = first; k < end; k++) {
      int64_t y = w->origin_y + index * w->stride_y + k / w->kernel_columns * w->dilation_y;
      int64_t x = w->origin_x + i * w->stride_x + k % w->kernel_columns * w->dilation_x;
      if (y < 0 || y >= w->height || x < 0 || x >= w->width) continue;
      const int8_t *pixel = p->a + y * p->a_pitch + x * w->pixel_pitch + channel;
      if (count == CHANNELS) {
        add_pixel(pixel, weights[k - first], p->a_zero, CHANNELS, sums);
      } else {
        add_pixel(pixel, weights[k - first], p->a_zero, count, sums);
      }
    }
    finish(p, start + i, channel, count, sums, p->accumulate || first > 0);
  }
}

static void channels(void *context, int64_t index, int worker) {
  (void)worker;
  const ck_product *p = context;
  for (int64_t channel = 0; channel < p->n; channel += CHANNELS) {
    int count = (int)smaller(CHANNELS, p->n - channel);
    for (int64_t k = 0; k < p->k; k += TAPS) taps(p, index, channel, count, k, smaller(p->k, k + TAPS));
  }
}

void ck_depthwise(const ck_product *product, ck_pool *pool) {
  ck_product copy = *product;
  int64_t rows = (copy.m + copy.windows.output_columns - 1) / copy.windows.output_columns;
  // A fork costs as much as some ten thousand products.
  if (copy.m * copy.k * copy.n > 1 << 15) {
    ck_pool_run(pool, rows, &copy, channels);
  } else {
    for (int64_t row = 0; row < rows; row++) channels(&copy, row, 0);
  }
}
