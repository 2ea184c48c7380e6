#include "stages_internal.h"

#pragma STDC FP_CONTRACT OFF

// Softmax: what a row's elements become depends on their distance from its largest alone. So the results of all distances
// that occur are computed side by side, and looked up.

INLINE void extremes(const int8_t *row, int64_t columns, int *largest, int *smallest) {
  int8_t high = -128, low = 127;
  ELEMENTS(c, columns) {
    high = row[c] > high ? row[c] : high;
    low = row[c] < low ? row[c] : low;
  }
  *largest = high;
  *smallest = low;
}

INLINE int64_t power_sum(const int8_t *row, int64_t columns, const int64_t *powers, int largest) {
  uint64_t sums[4] = {0};
  int64_t c = 0;
  for (; c + 4 <= columns; c += 4) {
    for (int i = 0; i < 4; i++) sums[i] += (uint64_t)powers[largest - row[c + i]];
  }
  for (; c < columns; c++) sums[0] += (uint64_t)powers[largest - row[c]];
  return (int64_t)(sums[0] + sums[1] + sums[2] + sums[3]);
}

#define SOFTMAX(block, ...)                                                                   \
  for (int64_t row = 0; row < (block)->rows; row++) {                                         \
    const int8_t *in = (const int8_t *)(block)->input + row * (block)->input_pitch;           \
    int8_t *out = (block)->output + row * (block)->output_pitch;                              \
    int64_t columns = (block)->columns;                                                       \
    int largest, smallest;                                                                    \
    extremes(in, columns, &largest, &smallest);                                               \
    int64_t sum = power_sum(in, columns, powers, largest), distances = largest - smallest + 1; \
    int8_t results[256];                                                                      \
    __VA_ARGS__                                                                               \
    for (int64_t c = 0; c < columns; c++) out[c] = results[largest - in[c]];                  \
  }

BODY body_softmax_fixed(
    ck_path path, const ck_block *block, const int64_t *powers, int32_t multiplier, int32_t shift, int32_t zero) {
  (void)path;
  int64_t half = (1ll << shift) >> 1;
  SOFTMAX(block, {
    int64_t factor = sum > 0 ? (1ll << 58) / sum : 0;
    ELEMENTS(d, distances) {
      int32_t share = (int32_t)((powers[d] * factor) >> 28);
      results[d] = ck_saturated(ck_shifted((int64_t)share * multiplier, half, shift), zero, -128);
    }
  })
}
VARIANTS(
    softmax_fixed,
    (ck_path path, const ck_block *block, const int64_t *powers, int32_t multiplier, int32_t shift, int32_t zero),
    (path, block, powers, multiplier, shift, zero))

BODY body_softmax_float(ck_path path, const ck_block *block, const int64_t *powers, float scale, int32_t zero) {
  (void)path;
  SOFTMAX(block, {
    ELEMENTS(d, distances) results[d] = ck_quantized((float)((double)powers[d] / (double)sum), scale, zero);
  })
}
VARIANTS(
    softmax_float, (ck_path path, const ck_block *block, const int64_t *powers, float scale, int32_t zero),
    (path, block, powers, scale, zero))

// LayerNorm.

BODY body_moments(ck_path path, const int8_t *row, int64_t columns, int64_t *sums) {
  (void)path;
  int64_t sum = 0, squares = 0;
  // 32-bit sums hold 2¹⁶ squares.
  for (int64_t first = 0; first < columns; first += 1 << 16) {
    int64_t count = columns - first < 1 << 16 ? columns - first : 1 << 16;
    int32_t part = 0, part_squares = 0;
    for (int64_t c = 0; c < count; c++) {
      part += row[first + c];
      part_squares += row[first + c] * row[first + c];
    }
    sum += part;
    squares += part_squares;
  }
  sums[0] = sum;
  sums[1] = squares;
}
VARIANTS(moments, (ck_path path, const int8_t *row, int64_t columns, int64_t *sums), (path, row, columns, sums))

BODY body_normalize_fixed(
    ck_path path, const ck_block *row, int64_t sum, int64_t factor, int32_t right, const int64_t *gain,
    const int64_t *bias, int32_t shift, int32_t zero) {
  (void)path;
  const int8_t *in = row->input;
  int8_t *out = row->output;
  // (C·x − Σx)·factor, shifted left where `right` is negative: wrapping.
  uint64_t left = right < 0 ? -right : 0, scale = (uint64_t)factor << left;
  uint64_t slope = (uint64_t)row->columns * scale, offset = (uint64_t)sum * scale;
  int64_t columns = row->columns, rest = right < 0 ? 0 : right, limit = 1 << 27;
  ELEMENTS(c, columns) {
    int64_t normal = (int64_t)((uint64_t)(int64_t)in[c] * slope - offset) >> rest;
    normal = normal < -limit ? -limit : normal > limit ? limit : normal;
    out[c] = ck_saturated((normal * gain[c] + bias[c]) >> shift, zero, -128);
  }
}
VARIANTS(
    normalize_fixed,
    (ck_path path, const ck_block *row, int64_t sum, int64_t factor, int32_t right, const int64_t *gain,
     const int64_t *bias, int32_t shift, int32_t zero),
    (path, row, sum, factor, right, gain, bias, shift, zero))

BODY body_normalize_float(
    ck_path path, const ck_block *row, double sum, double input_scale, double root, const double *gain,
    const double *bias, float scale, int32_t zero) {
  (void)path;
  const int8_t *in = row->input;
  int8_t *out = row->output;
  int64_t columns = row->columns;
  double count = (double)columns;
  ELEMENTS(c, columns) {
    double distance = (count * in[c] - sum) * input_scale;
    double normal = distance == 0 ? 0 : distance / root;
    out[c] = ck_quantized((float)(normal * gain[c] + bias[c]), scale, zero);
  }
}
VARIANTS(
    normalize_float,
    (ck_path path, const ck_block *row, double sum, double input_scale, double root, const double *gain,
     const double *bias, float scale, int32_t zero),
    (path, row, sum, input_scale, root, gain, bias, scale, zero))
