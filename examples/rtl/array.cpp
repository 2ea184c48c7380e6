// The functions of vitsim_array.h around the array that Verilator has made of systolic_array.sv. build.sh says which
// shape: the parameters of an array are set when it is elaborated, so a library has one.
//
// For an array of one's own, only `Array` below has to know its ports.
#include <verilated.h>
#include <verilated_vcd_c.h>

#include <cstdio>
#include <memory>
#include <new>

#include "Varray.h"

#pragma GCC visibility push(default)
#include "vitsim_array.h"
#pragma GCC visibility pop

namespace {

constexpr vitsim_array_shape built = {ROWS, COLUMNS, PE_REGISTERS, OPERAND_BITS, SHADOW};

// Verilator holds a port of n bits in the low bits of an unsigned integer, and wants the others 0.
constexpr uint32_t mask = (1u << OPERAND_BITS) - 1;
constexpr int32_t extend(uint32_t bits) {
  constexpr uint32_t sign = 1u << (OPERAND_BITS - 1);
  return static_cast<int32_t>(bits ^ sign) - static_cast<int32_t>(sign);
}

class Array {
 public:
  Array() : context(new VerilatedContext) {
    context->traceEverOn(true);
    model.reset(new Varray(context.get(), "TOP"));
    model->reset = 1;
    edge();
    model->reset = 0;
    time = 0;
  }

  ~Array() { waveform(nullptr); }

  void clock(const vitsim_array_edges &edges) {
    model->first = edges.step && edges.first;
    for (int r = 0; r < ROWS; r++) model->left[r] = edges.step ? edges.left[r] & mask : 0;
    for (int c = 0; c < COLUMNS; c++) model->bias[c] = edges.step && edges.bias ? edges.bias[c] : 0;
    model->load = edges.load != 0;
    if (edges.load) {
      for (int c = 0; c < COLUMNS; c++) model->top[c] = edges.top[c] & mask;
    }
    edge();
  }

  void registers(int32_t *out) const {
    operands(model->a, out);
    operands(model->w, out);
    if (SHADOW) operands(model->shadow, out);
    operands(model->pass, out);
    for (int i = 0; i < PE_REGISTERS; i++) {
      for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) *out++ = static_cast<int32_t>(model->sum[i][r][c]);
      }
    }
  }

  bool waveform(const char *path) {
    if (trace) trace->close();
    trace.reset();
    if (!path) return true;
    trace.reset(new VerilatedVcdC);
    model->trace(trace.get(), 1);
    trace->open(path);
    if (!trace->isOpen()) trace.reset();
    return trace != nullptr;
  }

 private:
  std::unique_ptr<VerilatedContext> context;
  std::unique_ptr<Varray> model;
  std::unique_ptr<VerilatedVcdC> trace;
  // In picoseconds; a cycle is a nanosecond.
  uint64_t time = 0;

  // What enters is there at the beginning of a cycle, the clock rises in its middle.
  void edge() {
    model->clk = 0;
    model->eval();
    if (trace) trace->dump(time);
    model->clk = 1;
    model->eval();
    if (trace) trace->dump(time + 500);
    time += 1000;
  }

  template <class Ports>
  static void operands(const Ports &ports, int32_t *&out) {
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLUMNS; c++) *out++ = extend(ports[r][c]);
    }
  }
};

// Says why a shape can't be had, in a text of the thread's own; NULL if it can.
const char *refusal(const vitsim_array_shape &shape) {
  struct {
    const char *name;
    int32_t asked, here;
  } const numbers[] = {
      {"rows", shape.rows, built.rows},
      {"columns", shape.columns, built.columns},
      {"pe-registers", shape.pe_registers, built.pe_registers},
      {"operand-bits", shape.operand_bits, built.operand_bits},
      {"shadow", shape.shadow_weights, built.shadow_weights},
  };
  thread_local char text[160];
  for (const auto &number : numbers) {
    if (number.asked == number.here) continue;
    std::snprintf(text, sizeof text, "%s is %d here, not %d: build the library with --%s %d", number.name,
                  static_cast<int>(number.here), static_cast<int>(number.asked), number.name,
                  static_cast<int>(number.asked));
    return text;
  }
  return nullptr;
}

Array *self(void *array) { return static_cast<Array *>(array); }

}  // namespace

int32_t vitsim_array_version(void) { return VITSIM_ARRAY_VERSION; }

void *vitsim_array_create(const vitsim_array_shape *shape, const char **error) {
  *error = refusal(*shape);
  if (*error) return nullptr;
  try {
    return new Array;
  } catch (const std::exception &exception) {
    *error = "no memory";
    return nullptr;
  }
}

void vitsim_array_destroy(void *array) { delete self(array); }

void vitsim_array_clock(void *array, const vitsim_array_edges *edges) { self(array)->clock(*edges); }

const char *vitsim_array_groups(void *) { return SHADOW ? "a w shadow pass sum" : "a w pass sum"; }

void vitsim_array_registers(void *array, int32_t *registers) { self(array)->registers(registers); }

int32_t vitsim_array_waveform(void *array, const char *path) { return self(array)->waveform(path); }

// Verilator's runtime asks for it where no testbench keeps the time.
double sc_time_stamp() { return 0; }
