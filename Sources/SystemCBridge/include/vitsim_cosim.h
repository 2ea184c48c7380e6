// SystemC behind C: a second implementation of the machine, written from docs/timing.md and docs/cosimulation.md.
//
// One SystemC kernel serves a process. Nothing here but `vitsim_stage_apply` may be called by two threads at once; no
// function may be called from within a process of the model. No exception and no C++ type crosses this header.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What became of a call. `vitsim_last_error` has the text of all but the first.
typedef enum {
  VITSIM_OK = 0,
  /// Built without SystemC.
  VITSIM_ABSENT = 1,
  /// SystemC reported an error or worse, from a call or from within a process.
  VITSIM_REPORT = 2,
  /// A C++ exception, memory that ran out among them.
  VITSIM_EXCEPTION = 3,
  /// The program image is damaged: the text says at which word.
  VITSIM_PROGRAM = 4,
  /// The program asks for something that this model doesn't have: the text names unit and key.
  VITSIM_UNSUPPORTED = 5,
  /// A handle, an index or a size that isn't one.
  VITSIM_MISUSE = 6,
  /// Nothing is under way and nothing can go on: the text names the instructions that wait.
  VITSIM_DEADLOCK = 7,
} vitsim_status;

/// 1 if this build has SystemC.
int vitsim_systemc_available(void);
/// SystemC's version, or what to install.
const char *vitsim_systemc_version(void);
/// Text of the last status that wasn't VITSIM_OK; valid until the next call.
const char *vitsim_last_error(void);

/// Destroys all models and makes the kernel as new: time 0, all names free. Every use begins with it.
vitsim_status vitsim_kernel_reset(void);

/// Lets an error happen within a process of an otherwise empty model: SC_REPORT_ERROR (0), SC_REPORT_FATAL (1) or a
/// std::exception (2). For tests; the kernel needs a reset before and after it.
vitsim_status vitsim_kernel_selftest(int kind);

typedef struct vitsim_model vitsim_model;

typedef enum {
  /// A module for each PE, each register of its own.
  VITSIM_REGISTERS = 0,
  /// No PE grid and no bytes: every burst and tile in its cycle.
  VITSIM_TRANSACTIONS = 1,
} vitsim_level;

/// Elaborates the accelerator of a program image, with its schedule and memory. The image may be freed afterwards; the
/// model lives until the kernel is reset. There may be one at a time.
vitsim_status vitsim_model_create(const uint8_t *image, size_t bytes, vitsim_level level, vitsim_model **model);

/// Runs the clock for `cycles` cycles, or until all instructions have ended; `*done` says which.
vitsim_status vitsim_model_step(vitsim_model *model, int64_t cycles, int *done);

/// Cycles run so far.
int64_t vitsim_model_cycle(const vitsim_model *model);

/// A register group: dimensions outermost first.
typedef struct {
  const char *name;
  int32_t rank;
  int32_t dimensions[4];
} vitsim_group;

/// Groups of the register file in their order (none of `E.a` … `E.out` with VITSIM_TRANSACTIONS).
size_t vitsim_model_groups(const vitsim_model *model);
vitsim_status vitsim_model_group(const vitsim_model *model, size_t index, vitsim_group *group);

/// The register file after the last cycle; `count` must be its size.
vitsim_status vitsim_model_registers(vitsim_model *model, int32_t *registers, size_t count);

/// Flips bits of one register of `E.a`, `E.b`, `E.w`, `E.shadow`, `E.sum`, `E.acc`, `E.out` or `tokens`, by its place
/// in the register file, as an upset would between two cycles.
vitsim_status vitsim_model_upset(vitsim_model *model, size_t index, int32_t mask);

/// As `TraceEvent` in docs/output.md; `kind` counts start, request, burst, load, stream, drained, pass, end from 0.
typedef struct {
  int64_t cycle;
  int32_t unit, kind, instruction, detail;
} vitsim_event;

/// Takes up to `capacity` events out of the model, in the order in which they were noted; `*count` says how many.
vitsim_status vitsim_model_events(vitsim_model *model, vitsim_event *events, size_t capacity, size_t *count);

/// What buffer `buffer` or DRAM tensor `tensor` holds now (VITSIM_REGISTERS); valid until the next call that steps.
vitsim_status vitsim_model_buffer(const vitsim_model *model, size_t buffer, const uint8_t **bytes, size_t *count);
vitsim_status vitsim_model_tensor(const vitsim_model *model, size_t tensor, const uint8_t **bytes, size_t *count);

/// What one stage of a vector instruction computes (docs/numerics.md), without a model and without SystemC.
/// `arithmetic` is an entry of a program image's table. `source` holds rows x columns elements, INT32 or INT8, row by
/// row; `operand` what the stage takes besides them; the first column is column `first_column` of the operator's
/// output. `results` has to have room for exactly what comes out.
vitsim_status vitsim_stage_apply(const uint8_t *arithmetic, size_t arithmetic_bytes, size_t rows, size_t columns,
                                 int64_t first_column, const uint8_t *source, size_t source_bytes,
                                 const uint8_t *operand, size_t operand_bytes, uint8_t *results, size_t results_bytes);

#ifdef __cplusplus
}
#endif
