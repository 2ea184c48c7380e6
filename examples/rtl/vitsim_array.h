// What an array in RTL has to offer to be compared with vitsim's grid, cycle by cycle (docs/cosimulation.md).
//
// A shared library with these functions is opened with `vitsim cosim CONFIG --array LIBRARY`. It follows one weight- or
// input-stationary systolic engine: in every cycle it gets what enters the edges of vitsim's grid, and says what its
// registers hold after the clock edge. Arrays know nothing of each other; no array is called by two threads at once.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised when a function changes its meaning.
#define VITSIM_ARRAY_VERSION 1

/// The array that is asked for.
typedef struct {
  int32_t rows, columns;
  /// Registers in the path of a partial sum through a PE, `pe-registers`.
  int32_t pe_registers;
  /// Bits of an operand: 8, or 9 if a zero point is subtracted from one.
  int32_t operand_bits;
  /// 1 with `shadow-weights`, else 0.
  int32_t shadow_weights;
} vitsim_array_shape;

/// What enters the edges in one cycle. Nothing here is skewed: what rows and columns see later is up to the array.
typedef struct {
  /// A step of the streamed operand enters: `left[r]` for each row; `first` marks the first of a tile, with which the
  /// stationary operand is swapped. Without a step zeros enter, and `first`, `left` and `bias` aren't looked at.
  int32_t step, first;
  const int16_t *left;
  /// What the sums of this step begin with, for each column; NULL: zeros.
  const int32_t *bias;
  /// A row of the stationary operand enters the loading chain: `top[c]` for each column.
  int32_t load;
  const int16_t *top;
} vitsim_array_edges;

/// VITSIM_ARRAY_VERSION that the library was built with.
int32_t vitsim_array_version(void);

/// A new array, all registers 0; NULL if it can't have this shape, with the reason in `*error`, valid until this thread
/// calls again.
void *vitsim_array_create(const vitsim_array_shape *shape, const char **error);
void vitsim_array_destroy(void *array);

/// One clock cycle.
void vitsim_array_clock(void *array, const vitsim_array_edges *edges);

/// Names of the register groups that the array shows, separated by blanks: of `a`, `w`, `shadow`, `pass` and `sum`.
const char *vitsim_array_groups(void *array);

/// Registers of all these groups after the clock edge, in that order: rows × columns of each, `sum`
/// pe_registers × rows × columns.
void vitsim_array_registers(void *array, int32_t *registers);

/// Writes the registers' waveform to `path` from now on (a VCD file), or stops it (NULL); returns 0 if it can't.
int32_t vitsim_array_waveform(void *array, const char *path);

#ifdef __cplusplus
}
#endif
