#include "gemm_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

// Up to 6 rows by 16 columns: 12 registers of sums.
static AVX2 inline __attribute__((always_inline)) void multiply(const ck_tile *t, int rows, int group) {
  int64_t width = ck_panel_width(t->columns);
  const int8_t *b = (const int8_t *)t->b + 64 * group;
  __m256i sums[6][2];
#pragma unroll
  for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
  for (int64_t s = 0; s < t->steps; s++, b += 4 * width) {
    __m256i low = _mm256_loadu_si256((const __m256i *)b);
    __m256i high = _mm256_loadu_si256((const __m256i *)(b + 32));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      int32_t pair;
      memcpy(&pair, (const int8_t *)t->a + r * t->a_pitch + 4 * s, 4);
      __m256i a = _mm256_set1_epi32(pair);
      sums[r][0] = _mm256_add_epi32(sums[r][0], _mm256_madd_epi16(a, low));
      sums[r][1] = _mm256_add_epi32(sums[r][1], _mm256_madd_epi16(a, high));
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int first = 16 * group + 8 * half, count = t->columns - first;
      if (count <= 0) break;
      __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
      __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lanes);
      int *out = (int *)(t->out + r * t->out_pitch + 4 * first);
      __m256i sum = sums[r][half];
      if (t->column_terms) sum = _mm256_add_epi32(sum, _mm256_maskload_epi32(t->column_terms + first, mask));
      if (t->accumulate) sum = _mm256_add_epi32(sum, _mm256_maskload_epi32(out, mask));
      _mm256_maskstore_epi32(out, mask, sum);
    }
  }
}

static AVX2 void multiply_avx2(const ck_tile *tile) {
  for (int group = 0; 16 * group < tile->columns; group++) {
    switch (tile->rows) {
      case 1: multiply(tile, 1, group); break;
      case 2: multiply(tile, 2, group); break;
      case 3: multiply(tile, 3, group); break;
      case 4: multiply(tile, 4, group); break;
      case 5: multiply(tile, 5, group); break;
      default: multiply(tile, 6, group); break;
    }
  }
}

const ck_kernels ck_avx2_kernels = {.quads = false, .rows = 6, .block = 128, .multiply = multiply_avx2};
#endif
