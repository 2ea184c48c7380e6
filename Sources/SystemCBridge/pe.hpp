// Processing elements (docs/cosimulation.md, "The array, register by register"): a module each, its registers a signal
// each.
#pragma once
#include <systemc>

#include "edge.hpp"

namespace vitsim {

/// The registers of one PE, as a signal of a size that is known at elaboration: written all at once, seen after the
/// next edge.
class Registers : public sc_core::sc_prim_channel {
 public:
  Registers(int32_t *now, int32_t *next, size_t count)
      : sc_core::sc_prim_channel("registers"), now_(now), next_(next), count_(count) {}

  const int32_t *read() const { return now_; }
  /// Where to write each of them.
  int32_t *write() {
    request_update();
    return next_;
  }

 private:
  void update() override { std::copy_n(next_, count_, now_); }

  int32_t *now_, *next_;
  size_t count_;
};

/// Where each register of a PE (or of a column's tree) stands among its registers.
struct Layout {
  /// Marks and commands that travel with operands; bias that moves down (output-stationary).
  size_t flags = 0, bias = 0;
  size_t a = 0, b = 0, w = 0, shadow = 0, pass = 0, sum = 0, product = 0, mark = 0, product_bias = 0, acc = 0, out = 0;
  size_t count = 0;
};

/// What all PEs of an array share.
struct Array {
  explicit Array(const Engine &engine);

  const Engine &spec;
  Edge edge;
  Layout layout;
  size_t rows, columns, depth, path;
  bool has_shadow;
  sc_core::sc_event clock;
};

class PE : public sc_core::sc_module {
 public:
  struct Place {
    size_t replica, row, column;
  };

  SC_HAS_PROCESS(PE);
  PE(const sc_core::sc_module_name &name, Array &array, Place place, int32_t *now, int32_t *next)
      : sc_core::sc_module(name),
        array(array),
        replica(place.replica),
        row(place.row),
        column(place.column),
        registers(now, next, array.layout.count) {
    SC_METHOD(clock);
    sensitive << array.clock;
    dont_initialize();
  }

  Array &array;
  const size_t replica, row, column;
  Registers registers;
  /// Neighbours; none at the edges.
  const PE *left = nullptr, *above = nullptr;

 private:
  /// One clock edge: what its registers hold next.
  virtual void clock() = 0;
};

/// Systolic, weight- or input-stationary.
class SystolicPE : public PE {
 public:
  using PE::PE;
  static Layout layout(const Engine &engine);

 private:
  void clock() override;
};

/// Broadcast, weight- or input-stationary: multipliers and their registers; the column adds.
class BroadcastPE : public PE {
 public:
  using PE::PE;
  static Layout layout(const Engine &engine);

  /// Of the step that all rows see now.
  uint32_t product() const;

 private:
  void clock() override;
};

/// Output-stationary.
class OutputPE : public PE {
 public:
  using PE::PE;
  static Layout layout(const Engine &engine);

 private:
  struct Marked {
    uint32_t product, bias;
    int32_t marks;
  };
  void clock() override;
  Marked multiply(int32_t *next) const;
  Marked delay(const Marked &input, const int32_t *own, int32_t *next) const;
};

}  // namespace vitsim
