// What an array in RTL has to offer to be compared with vitsim's grid, cycle by cycle (docs/cosimulation.md).
//
// A shared library with these functions is opened with `vitsim cosim CONFIG --array LIBRARY`. It follows one weight- or input-
// stationary systolic engine: in every cycle it gets what enters the edges of vitsim's grid, and says what its registers hold
// after the clock edge.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised when a function changes its meaning.
#define VITSIM_ARRAY_VERSION 1

/// What enters the edges in one cycle. Nothing here is skewed: what a row or column sees later is the array's own doing.
typedef struct {
  /// A step of the streamed operand enters: `left[r]` for each row; `first` marks the first of a tile, with which the
  /// stationary operand is swapped.
  int32_t step, first;
  const int8_t *left;
  /// What the sums of this step begin with, for each column.
  const int32_t *bias;
  /// A row of the stationary operand enters the loading chain: `top[c]` for each column.
  int32_t load;
  const int8_t *top;
} vitsim_array_edges;

/// VITSIM_ARRAY_VERSION that the library was built with.
int32_t vitsim_array_version(void);

/// A new array, all registers 0; NULL with a text in `*error` if it can't have this shape.
void *vitsim_array_create(int32_t rows, int32_t columns, int32_t shadow_weights, const char **error);
void vitsim_array_destroy(void *array);

/// One clock cycle.
void vitsim_array_clock(void *array, const vitsim_array_edges *edges);

/// Names of the register groups that the array shows, separated by blanks: of `a`, `w`, `shadow`, `pass` and `sum`.
const char *vitsim_array_groups(void *array);

/// Registers of all these groups after the clock edge, in that order, each rows × columns.
void vitsim_array_registers(void *array, int32_t *registers);

/// Writes the registers' waveform to `path` from now on (a VCD file), or stops it (NULL); returns 0 if it can't.
int32_t vitsim_array_waveform(void *array, const char *path);

#ifdef __cplusplus
}
#endif
