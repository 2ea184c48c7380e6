// What the driver of a product and its kernels agree on.
//
// Operand B is packed in panels of up to `panel` columns, K outermost; behind each other in a panel stand `step` elements of
// K of each column. Paths of `quads` hold b + 128 as unsigned bytes and take A's bytes as they are: with the sums of A's
// rows and B's columns that gives
//
//   Σ (a − za)(b − zb) = Σ a·(b + 128) − (128 + zb)·Σ a − za·Σ (b + 128) + k·za·(128 + zb).
//
// The others hold b − zb and a − za in 16 bits. Past the end of K everything is 0.
#pragma once
#include <string.h>

#include "ck_gemm.h"

enum {
  CK_PANEL = 64,
  // Rows of a task, at most.
  CK_TASK_ROWS = 64,
};

// One tile of results.
typedef struct {
  // Rows of A: bytes, or 16-bit elements where the path says so. `a_pitch` in bytes.
  const void *a;
  int64_t a_pitch;
  // A panel from this tile's first step on.
  const void *b;
  int64_t steps;
  uint8_t *out;
  int64_t out_pitch;
  int rows, columns;
  bool accumulate;
  // Added to every result of a column (or null) and of a row (or null).
  const int32_t *column_terms, *row_terms;
} ck_tile;

typedef struct {
  // Unsigned bytes, four at a time; else 16-bit elements, two at a time.
  bool quads;
  // Rows that a kernel does best.
  int rows;
  // Steps in a block along K, so that a panel's block stays in the first cache.
  int64_t block;
  void (*multiply)(const ck_tile *tile);
  // Packs a panel of row-major B: `columns` columns, from `b` on; gives the sums of b + 128.
  void (*pack_rows)(const int8_t *b, int64_t pitch, int64_t k, int columns, uint8_t *panel, int32_t *sums);
  // The same in 16 bits, b − zero, for paths without quads.
  void (*pack_pairs)(const int8_t *b, int64_t pitch, int64_t k, int columns, int zero, int16_t *panel);
  // Rows of A in 16 bits, a − zero, `depth` elements each, 0 past the end of K.
  void (*widen)(const int8_t *a, int64_t pitch, int64_t rows, int64_t k, int64_t depth, int zero, int16_t *to);
  // Σ of each row of A.
  void (*row_sums)(const int8_t *a, int64_t pitch, int64_t k, int rows, int32_t *sums);
} ck_kernels;

// `NULL` for a path that this build doesn't have.
const ck_kernels *ck_kernels_of(ck_path path);
extern const ck_kernels ck_avx2_kernels, ck_vnni_kernels, ck_amx_kernels;

void ck_multiply_vnni(const ck_tile *tile);
void ck_pack_rows_vnni(const int8_t *b, int64_t pitch, int64_t k, int columns, uint8_t *panel, int32_t *sums);
void ck_row_sums_vnni(const int8_t *a, int64_t pitch, int64_t k, int rows, int32_t *sums);

// The product without packing, and whether it can be computed so.
bool ck_slides(const ck_product *product);
void ck_slide(const ck_product *product, ck_pool *pool);

// Channel by channel, all channels of a pixel side by side.
void ck_depthwise(const ck_product *product, ck_pool *pool);

// Columns of a panel are stored in groups of 16: a panel of 20 columns is as wide as one of 32.
static inline int64_t ck_panel_width(int64_t columns) { return (columns + 15) / 16 * 16; }
