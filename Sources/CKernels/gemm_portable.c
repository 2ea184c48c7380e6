#include "gemm_internal.h"

// 16-bit pairs against 16-bit pairs: what compilers turn into multiply-and-add instructions where there are any.
enum { ROWS = 4, COLUMNS = 16 };

static inline __attribute__((always_inline)) void multiply(const ck_tile *t, int rows, int group) {
  int64_t width = ck_panel_width(t->columns);
  int32_t sums[ROWS][COLUMNS] = {{0}};
  const int16_t *b = (const int16_t *)t->b + 2 * COLUMNS * group;
  for (int64_t s = 0; s < t->steps; s++, b += 2 * width) {
    for (int r = 0; r < rows; r++) {
      const int16_t *a = (const int16_t *)((const int8_t *)t->a + r * t->a_pitch) + 2 * s;
      for (int c = 0; c < COLUMNS; c++) {
        uint32_t pair = (uint32_t)(a[0] * b[2 * c] + a[1] * b[2 * c + 1]);
        sums[r][c] = (int32_t)((uint32_t)sums[r][c] + pair);
      }
    }
  }
  int first = group * COLUMNS, count = t->columns - first < COLUMNS ? t->columns - first : COLUMNS;
  for (int r = 0; r < rows; r++) {
    uint8_t *out = t->out + r * t->out_pitch + 4 * first;
    for (int c = 0; c < count; c++, out += 4) {
      uint32_t sum = (uint32_t)sums[r][c], before = 0;
      if (t->accumulate) memcpy(&before, out, 4);
      sum += before + (t->column_terms ? (uint32_t)t->column_terms[first + c] : 0);
      memcpy(out, &sum, 4);
    }
  }
}

static void multiply_portable(const ck_tile *tile) {
  for (int group = 0; group * COLUMNS < tile->columns; group++) {
    switch (tile->rows) {
      case 1: multiply(tile, 1, group); break;
      case 2: multiply(tile, 2, group); break;
      case 3: multiply(tile, 3, group); break;
      default: multiply(tile, 4, group); break;
    }
  }
}

static void widen(const int8_t *a, int64_t pitch, int64_t rows, int64_t k, int64_t depth, int zero, int16_t *to) {
  for (int64_t i = 0; i < rows; i++, a += pitch, to += depth) {
    for (int64_t j = 0; j < k; j++) to[j] = (int16_t)(a[j] - zero);
    for (int64_t j = k; j < depth; j++) to[j] = 0;
  }
}

static const ck_kernels portable = {
    .quads = false, .rows = ROWS, .block = 256, .multiply = multiply_portable, .widen = widen};

const ck_kernels *ck_kernels_of(ck_path path) {
  switch (path) {
    case CK_PORTABLE: return &portable;
#if defined(__x86_64__)
    case CK_AVX2: return &ck_avx2_kernels;
    case CK_VNNI: return &ck_vnni_kernels;
    case CK_AMX: return &ck_amx_kernels;
#endif
    default: return NULL;
  }
}
