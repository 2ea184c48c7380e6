#include "gemm_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

// `rows` ≤ 6 rows by `vectors` ≤ 4 times 16 columns.
static VNNI inline __attribute__((always_inline)) void multiply(const ck_tile *t, int rows, int vectors) {
  __m512i sums[6][4];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_setzero_si512();
  }
  const int8_t *a = t->a, *b = t->b;
  int64_t pitch = t->a_pitch;
  for (int64_t s = 0; s < t->steps; s++, a += 4, b += 64 * vectors) {
    __m512i columns[4];
#pragma unroll
    for (int v = 0; v < vectors; v++) columns[v] = _mm512_load_si512(b + 64 * v);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      int32_t quad;
      memcpy(&quad, a + r * pitch, 4);
      __m512i four = _mm512_set1_epi32(quad);
#pragma unroll
      for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], columns[v], four);
    }
  }
#pragma unroll
  for (int v = 0; v < vectors; v++) {
    int left = t->columns - 16 * v;
    __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
    __m512i terms = t->column_terms ? _mm512_maskz_loadu_epi32(mask, t->column_terms + 16 * v) : _mm512_setzero_si512();
#pragma unroll
    for (int r = 0; r < rows; r++) {
      uint8_t *out = t->out + r * t->out_pitch + 64 * v;
      __m512i sum = _mm512_add_epi32(sums[r][v], terms);
      if (t->row_terms) sum = _mm512_add_epi32(sum, _mm512_set1_epi32(t->row_terms[r]));
      if (t->accumulate) sum = _mm512_add_epi32(sum, _mm512_maskz_loadu_epi32(mask, out));
      _mm512_mask_storeu_epi32(out, mask, sum);
    }
  }
}

static VNNI inline __attribute__((always_inline)) void multiply_width(const ck_tile *tile, int vectors) {
  switch (tile->rows) {
    case 1: multiply(tile, 1, vectors); break;
    case 2: multiply(tile, 2, vectors); break;
    case 3: multiply(tile, 3, vectors); break;
    case 4: multiply(tile, 4, vectors); break;
    case 5: multiply(tile, 5, vectors); break;
    default: multiply(tile, 6, vectors); break;
  }
}

VNNI void ck_multiply_vnni(const ck_tile *tile) {
  switch ((tile->columns + 15) / 16) {
    case 1: multiply_width(tile, 1); break;
    case 2: multiply_width(tile, 2); break;
    case 3: multiply_width(tile, 3); break;
    default: multiply_width(tile, 4); break;
  }
}

// Four rows of 64 columns become 64 quads: bytes are interleaved within lanes, then lanes are put in the columns' order.
VNNI void ck_pack_rows_vnni(const int8_t *b, int64_t pitch, int64_t k, int columns, uint8_t *panel, int32_t *sums) {
  int vectors = (columns + 15) / 16;
  __mmask64 mask = columns == 64 ? ~0ull : (1ull << columns) - 1;
  __m512i sign = _mm512_set1_epi8((char)0x80), ones = _mm512_set1_epi8(1), sum[4];
  for (int v = 0; v < 4; v++) sum[v] = _mm512_setzero_si512();
  for (int64_t row = 0; row < k; row += 4, b += 4 * pitch, panel += 64 * vectors) {
    __m512i rows[4];
    for (int i = 0; i < 4; i++) {
      bool there = row + i < k;
      __m512i bytes = _mm512_maskz_loadu_epi8(there ? mask : 0, there ? b + i * pitch : b);
      rows[i] = there ? _mm512_xor_si512(bytes, sign) : bytes;
    }
    __m512i low01 = _mm512_unpacklo_epi8(rows[0], rows[1]), high01 = _mm512_unpackhi_epi8(rows[0], rows[1]);
    __m512i low23 = _mm512_unpacklo_epi8(rows[2], rows[3]), high23 = _mm512_unpackhi_epi8(rows[2], rows[3]);
    __m512i q0 = _mm512_unpacklo_epi16(low01, low23), q1 = _mm512_unpackhi_epi16(low01, low23);
    __m512i q2 = _mm512_unpacklo_epi16(high01, high23), q3 = _mm512_unpackhi_epi16(high01, high23);
    __m512i t0 = _mm512_shuffle_i32x4(q0, q1, 0x44), t1 = _mm512_shuffle_i32x4(q2, q3, 0x44);
    __m512i t2 = _mm512_shuffle_i32x4(q0, q1, 0xee), t3 = _mm512_shuffle_i32x4(q2, q3, 0xee);
    __m512i quads[4] = {
        _mm512_shuffle_i32x4(t0, t1, 0x88), _mm512_shuffle_i32x4(t0, t1, 0xdd), _mm512_shuffle_i32x4(t2, t3, 0x88),
        _mm512_shuffle_i32x4(t2, t3, 0xdd)};
#pragma unroll
    for (int v = 0; v < 4; v++) {
      if (v < vectors) _mm512_store_si512(panel + 64 * v, quads[v]);
      sum[v] = _mm512_dpbusd_epi32(sum[v], quads[v], ones);
    }
  }
  for (int v = 0; v < 4; v++) _mm512_storeu_si512(sums + 16 * v, sum[v]);
}

VNNI void ck_row_sums_vnni(const int8_t *a, int64_t pitch, int64_t k, int rows, int32_t *sums) {
  __m512i ones = _mm512_set1_epi8(1);
  for (int r = 0; r < rows; r++, a += pitch) {
    __m512i sum = _mm512_setzero_si512();
    int64_t i = 0;
    for (; i + 64 <= k; i += 64) sum = _mm512_dpbusd_epi32(sum, ones, _mm512_loadu_si512(a + i));
    if (i < k) sum = _mm512_dpbusd_epi32(sum, ones, _mm512_maskz_loadu_epi8((1ull << (k - i)) - 1, a + i));
    sums[r] = _mm512_reduce_add_epi32(sum);
  }
}

const ck_kernels ck_vnni_kernels = {
    .quads = true, .rows = 6, .block = 128, .multiply = ck_multiply_vnni, .pack_rows = ck_pack_rows_vnni,
    .row_sums = ck_row_sums_vnni};
#endif
