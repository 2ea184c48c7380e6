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

// Two rows of 16 columns become 16 pairs.
static AVX2 void pack_pairs_avx2(const int8_t *b, int64_t pitch, int64_t k, int columns, int zero, int16_t *panel) {
  int64_t width = ck_panel_width(columns);
  __m256i zeros = _mm256_set1_epi16((int16_t)zero);
  for (int64_t row = 0; row < k; row += 2, b += 2 * pitch, panel += 2 * width) {
    for (int first = 0; first < columns; first += 16) {
      int8_t rows[2][16] = {{0}};
      __m256i halves[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
      for (int i = 0; i < 2 && row + i < k; i++) {
        const int8_t *from = b + i * pitch + first;
        if (first + 16 > columns) from = memcpy(rows[i], from, (size_t)(columns - first));
        __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from));
        halves[i] = _mm256_sub_epi16(wide, zeros);
      }
      __m256i low = _mm256_unpacklo_epi16(halves[0], halves[1]), high = _mm256_unpackhi_epi16(halves[0], halves[1]);
      __m256i *to = (__m256i *)(panel + 2 * first);
      _mm256_storeu_si256(to, _mm256_permute2x128_si256(low, high, 0x20));
      _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(low, high, 0x31));
    }
  }
}

static AVX2 void widen_avx2(
    const int8_t *a, int64_t pitch, int64_t rows, int64_t k, int64_t depth, int zero, int16_t *to) {
  __m256i zeros = _mm256_set1_epi16((int16_t)zero);
  for (int64_t i = 0; i < rows; i++, a += pitch, to += depth) {
    int64_t j = 0;
    for (; j + 16 <= k; j += 16) {
      __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(a + j)));
      _mm256_storeu_si256((__m256i *)(to + j), _mm256_sub_epi16(wide, zeros));
    }
    for (; j < k; j++) to[j] = (int16_t)(a[j] - zero);
    for (; j < depth; j++) to[j] = 0;
  }
}

const ck_kernels ck_avx2_kernels = {
    .quads = false, .rows = 6, .block = 128, .multiply = multiply_avx2, .pack_pairs = pack_pairs_avx2,
    .widen = widen_avx2};
#endif
