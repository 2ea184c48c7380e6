#include "stages_internal.h"

#pragma STDC FP_CONTRACT OFF

// Does the block of statements for each row, `in` and `out`.
#define ROWS(block, ...)                                                                           \
  int64_t columns = (block)->columns;                                                              \
  for (int64_t row = 0; row < (block)->rows; row++) {                                              \
    const char *in = (const char *)(block)->input + row * (block)->input_pitch;                    \
    int8_t *out = (block)->output + row * (block)->output_pitch;                                   \
    __VA_ARGS__                                                                                    \
  }

BODY body_requantize_fixed(
    ck_path path, const ck_block *block, const int32_t *multipliers, const int32_t *shifts, int32_t zero, int32_t lowest) {
  (void)path;
  ROWS(block, {
    ELEMENTS(c, columns) {
      int64_t half = (1ll << shifts[c]) >> 1;
      out[c] = ck_saturated(ck_shifted((int64_t)ck_word(in, c) * multipliers[c], half, shifts[c]), zero, lowest);
    }
  })
}
VARIANTS(
    requantize_fixed,
    (ck_path path, const ck_block *block, const int32_t *multipliers, const int32_t *shifts, int32_t zero,
     int32_t lowest),
    (path, block, multipliers, shifts, zero, lowest))

BODY body_requantize_float(
    ck_path path, const ck_block *block, const double *factors, int32_t zero, int32_t lowest) {
  (void)path;
  ROWS(block, {
    ELEMENTS(c, columns) {
      double steps = ck_word(in, c) * factors[c];
      steps = steps < -1024 ? -1024 : steps > 1024 ? 1024 : steps;
      // Half even: past 1.5·2⁵² the last bit of a double is worth 1.
      steps = (steps + 0x1.8p52) - 0x1.8p52;
      out[c] = (int8_t)ck_within((int32_t)steps + zero, lowest, 127);
    }
  })
}
VARIANTS(
    requantize_float, (ck_path path, const ck_block *block, const double *factors, int32_t zero, int32_t lowest),
    (path, block, factors, zero, lowest))

BODY body_lookup(ck_path path, const ck_block *block, const int8_t *table) {
  (void)path;
  ROWS(block, {
    for (int64_t c = 0; c < columns; c++) out[c] = table[(uint8_t)in[c]];
  })
}
VARIANTS(lookup, (ck_path path, const ck_block *block, const int8_t *table), (path, block, table))

// Two operands: x and y stand for their distances from the zero points.
#define PAIRS(block, pair, result)                                         \
  ck_pair p = *(pair);                                                     \
  int64_t half = (1ll << p.shift) >> 1;                                    \
  (void)half;                                                              \
  ROWS(block, {                                                            \
    const int8_t *other = p.other + row * p.other_pitch;                   \
    ELEMENTS(c, columns) {                                                 \
      int32_t x = (int8_t)in[c] - p.zeros[0], y = other[c] - p.zeros[1];   \
      out[c] = result;                                                     \
    }                                                                      \
  })

BODY body_add_fixed(ck_path path, const ck_block *block, const ck_pair *pair) {
  (void)path;
  PAIRS(block, pair, ck_saturated(
      ck_shifted((int64_t)x * p.multipliers[0] + (int64_t)y * p.multipliers[1], half, p.shift), p.result_zero, -128))
}
VARIANTS(add_fixed, (ck_path path, const ck_block *block, const ck_pair *pair), (path, block, pair))

BODY body_multiply_fixed(ck_path path, const ck_block *block, const ck_pair *pair) {
  (void)path;
  PAIRS(block, pair, ck_saturated(
      ck_shifted((int64_t)(x * y) * p.multipliers[0], half, p.shift), p.result_zero, -128))
}
VARIANTS(multiply_fixed, (ck_path path, const ck_block *block, const ck_pair *pair), (path, block, pair))

BODY body_add_float(ck_path path, const ck_block *block, const ck_pair *pair) {
  (void)path;
  PAIRS(block, pair, ck_quantized((float)x * p.scales[0] + (float)y * p.scales[1], p.result_scale, p.result_zero))
}
VARIANTS(add_float, (ck_path path, const ck_block *block, const ck_pair *pair), (path, block, pair))

BODY body_multiply_float(ck_path path, const ck_block *block, const ck_pair *pair) {
  (void)path;
  PAIRS(block, pair, ck_quantized((float)x * p.scales[0] * ((float)y * p.scales[1]), p.result_scale, p.result_zero))
}
VARIANTS(multiply_float, (ck_path path, const ck_block *block, const ck_pair *pair), (path, block, pair))
