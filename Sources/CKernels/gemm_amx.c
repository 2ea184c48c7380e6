#include "gemm_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AMX __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,amx-tile,amx-int8")))

// Tiles 0…3 are 2×2 blocks of sums, 4 and 5 rows of A, 6 and 7 columns of B: panels are made of such columns already.
// To configure them and to take the sums out again costs as much as some two hundred elements of K.
enum { TILE_ROWS = 16, QUADS = 16, FEWEST_QUADS = 64 };

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} configuration;

static AMX void configure(int upper, int lower) {
  _Alignas(64) configuration c = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    c.row_bytes[tile] = 64;
    c.rows[tile] = (uint8_t)(tile >= 6 ? QUADS : tile == 4 || tile < 2 ? upper : lower);
  }
  if (lower == 0) c.row_bytes[2] = c.row_bytes[3] = c.row_bytes[5] = 0;
  _tile_loadconfig(&c);
}

// Sums of up to 32 rows and of one or two groups of 16 columns, from group `group` on, over `steps` quads.
static AMX inline __attribute__((always_inline)) void sum_up(
    const ck_tile *t, int64_t steps, int group, bool two_rows, bool two_columns, int32_t (*sums)[CK_PANEL]) {
  int64_t pitch = t->a_pitch, width = 4 * ck_panel_width(t->columns);
  const int8_t *a = t->a, *b = (const int8_t *)t->b + 64 * group;
  _tile_zero(0);
  if (two_columns) _tile_zero(1);
  if (two_rows) _tile_zero(2);
  if (two_rows && two_columns) _tile_zero(3);
  for (int64_t step = 0; step < steps; step += QUADS, a += 4 * QUADS, b += QUADS * width) {
    _tile_loadd(6, b, (size_t)width);
    _tile_loadd(4, a, (size_t)pitch);
    _tile_dpbsud(0, 4, 6);
    if (two_columns) {
      _tile_loadd(7, b + 64, (size_t)width);
      _tile_dpbsud(1, 4, 7);
    }
    if (two_rows) {
      _tile_loadd(5, a + TILE_ROWS * pitch, (size_t)pitch);
      _tile_dpbsud(2, 5, 6);
      if (two_columns) _tile_dpbsud(3, 5, 7);
    }
  }
  int32_t *out = &sums[0][16 * group];
  _tile_stored(0, out, sizeof sums[0]);
  if (two_columns) _tile_stored(1, out + 16, sizeof sums[0]);
  if (two_rows) _tile_stored(2, out + TILE_ROWS * CK_PANEL, sizeof sums[0]);
  if (two_rows && two_columns) _tile_stored(3, out + TILE_ROWS * CK_PANEL + 16, sizeof sums[0]);
}

static AMX void finish(const ck_tile *t, int32_t (*sums)[CK_PANEL]) {
  for (int first = 0; first < t->columns; first += 16) {
    int left = t->columns - first;
    __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
    __m512i terms = t->column_terms ? _mm512_maskz_loadu_epi32(mask, t->column_terms + first) : _mm512_setzero_si512();
    for (int r = 0; r < t->rows; r++) {
      uint8_t *out = t->out + r * t->out_pitch + 4 * first;
      __m512i sum = _mm512_add_epi32(_mm512_load_si512(&sums[r][first]), terms);
      if (t->row_terms) sum = _mm512_add_epi32(sum, _mm512_set1_epi32(t->row_terms[r]));
      if (t->accumulate) sum = _mm512_add_epi32(sum, _mm512_maskz_loadu_epi32(mask, out));
      _mm512_mask_storeu_epi32(out, mask, sum);
    }
  }
}

// What is left of K behind whole tiles, six rows at a time.
static void multiply_rest(const ck_tile *t, int64_t done) {
  for (int row = 0; row < t->rows; row += 6) {
    ck_tile rest = *t;
    rest.a = (const int8_t *)t->a + row * t->a_pitch + 4 * done;
    rest.b = (const int8_t *)t->b + 4 * done * ck_panel_width(t->columns);
    rest.steps = t->steps - done;
    rest.out = t->out + row * t->out_pitch;
    rest.rows = t->rows - row < 6 ? t->rows - row : 6;
    if (done > 0) {
      rest.accumulate = true;
      rest.column_terms = rest.row_terms = NULL;
    } else if (t->row_terms) {
      rest.row_terms = t->row_terms + row;
    }
    ck_multiply_vnni(&rest);
  }
}

static AMX void multiply_amx(const ck_tile *t) {
  int64_t whole = t->steps < FEWEST_QUADS ? 0 : t->steps / QUADS * QUADS;
  if (whole > 0) {
    _Alignas(64) int32_t sums[2 * TILE_ROWS][CK_PANEL];
    int upper = t->rows < TILE_ROWS ? t->rows : TILE_ROWS, lower = t->rows - upper;
    configure(upper, lower);
    for (int group = 0; 16 * group < t->columns; group += 2) {
      bool two_columns = 16 * (group + 1) < t->columns;
      if (lower > 0 && two_columns) sum_up(t, whole, group, true, true, sums);
      else if (lower > 0) sum_up(t, whole, group, true, false, sums);
      else if (two_columns) sum_up(t, whole, group, false, true, sums);
      else sum_up(t, whole, group, false, false, sums);
    }
    _tile_release();
    finish(t, sums);
  }
  if (whole < t->steps) multiply_rest(t, whole);
}

const ck_kernels ck_amx_kernels = {
    .quads = true, .rows = 32, .block = 256, .multiply = multiply_amx, .pack_rows = ck_pack_rows_vnni,
    .row_sums = ck_row_sums_vnni};
#endif
