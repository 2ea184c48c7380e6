// Products of INT8 matrices with INT32 results.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "ck_path.h"
#include "ck_pool.h"

#if __has_feature(nullability)
#pragma clang assume_nonnull begin
#endif

/// Windows of an image as rows of operand A: what `Windows` of the instruction set says, in the same words.
typedef struct {
  int64_t height, width, channels, pixel_pitch;
  int64_t kernel_rows, kernel_columns, stride_y, stride_x, dilation_y, dilation_x, origin_y, origin_x;
  int64_t output_columns;
} ck_windows;

/// out[m×n] (+)= bias[n] + Σ (a[m×k] − a_zero) · (b[k×n] − b_zero), wrapping.
///
/// Depthwise: windows have n channels, k is the number of kernel positions, and channel c of a window meets column c of b alone.
/// Pitches are in bytes. Operands must not overlap `out`.
typedef struct {
  int64_t m, k, n;
  bool depthwise;
  const int8_t *a;
  /// From row to row; of the image where there are windows; from column to column if `a_by_columns`.
  int64_t a_pitch;
  bool a_by_columns;
  /// Without kernel rows there are none.
  ck_windows windows;
  const int8_t *b;
  /// From row to row, or from column to column if `b_by_columns`.
  int64_t b_pitch;
  bool b_by_columns;
  /// n little-endian INT32, at any address.
  const uint8_t *_Nullable bias;
  /// Rows of n INT32 at any address, `out_pitch` bytes apart.
  uint8_t *out;
  int64_t out_pitch;
  bool accumulate;
  /// Within −128…127.
  int32_t a_zero, b_zero;
} ck_product;

/// Computes the product on the threads of `pool`. `false` without memory.
bool ck_product_run(const ck_product *product, ck_path path, ck_pool *pool);

#if __has_feature(nullability)
#pragma clang assume_nonnull end
#endif
