#if __has_include(<systemc>)
#include "pe.hpp"

namespace vitsim {
namespace {

/// Flags that travel with operands.
constexpr int32_t first = 1, last = 2, command = 4;

uint32_t multiplied(int32_t x, int32_t y) { return static_cast<uint32_t>(x) * static_cast<uint32_t>(y); }

}  // namespace

Array::Array(const Engine &engine)
    : spec(engine),
      edge(engine),
      rows(static_cast<size_t>(engine.rows)),
      columns(static_cast<size_t>(engine.columns)),
      depth(static_cast<size_t>(engine.macs_per_pe)),
      path(static_cast<size_t>(engine.pe_registers)),
      has_shadow(engine.shadow_weights) {}

// MARK: Systolic, stationary

Layout SystolicPE::layout(const Engine &engine) {
  size_t depth = static_cast<size_t>(engine.macs_per_pe);
  Layout layout;
  layout.a = 1;
  layout.w = layout.a + depth;
  layout.shadow = layout.w + depth;
  layout.pass = layout.shadow + (engine.shadow_weights ? depth : 0);
  layout.sum = layout.pass + depth;
  layout.count = layout.sum + static_cast<size_t>(engine.pe_registers);
  return layout;
}

void SystolicPE::clock() {
  const Layout &at = array.layout;
  const size_t depth = array.depth, path = array.path;
  const int32_t *own = registers.read();
  const int32_t *beside = left ? left->registers.read() : nullptr;
  const int32_t *over = above ? above->registers.read() : nullptr;
  const Step *entering = left ? nullptr : &array.edge.step(static_cast<int64_t>(row * path));
  int32_t *next = registers.write();

  bool swaps = beside ? beside[at.flags] & first : entering->is_first;
  bool loads = over     ? over[at.flags] & command
               : beside ? beside[at.flags] & command
                        : array.edge.row(0).is_command;
  next[at.flags] = (swaps ? first : 0) | (loads ? command : 0);

  const int16_t *edge = entering ? &entering->left[(replica * array.rows + row) * depth] : nullptr;
  size_t used = swaps && array.has_shadow ? at.shadow : at.w;
  uint32_t product = 0;
  for (size_t v = 0; v < depth; v++) {
    int32_t a = beside ? beside[at.a + v] : edge[v];
    next[at.a + v] = a;
    next[at.w + v] = own[used + v];
    product += multiplied(a, own[used + v]);
  }

  size_t chain = array.has_shadow ? at.shadow : at.w;
  if (array.has_shadow) std::copy_n(own + at.shadow, depth, next + at.shadow);
  if (loads) {
    const LoadRow *top = over ? nullptr : &array.edge.row(static_cast<int64_t>(column));
    for (size_t v = 0; v < depth; v++) {
      next[at.pass + v] = own[chain + v];
      next[chain + v] = over ? over[at.pass + v] : top->top[v * array.columns + column];
    }
  } else {
    std::copy_n(own + at.pass, depth, next + at.pass);
  }

  int32_t sum = over ? over[at.sum + path - 1]
                     : array.edge.step(static_cast<int64_t>(column)).bias[replica * array.columns + column];
  next[at.sum] = static_cast<int32_t>(static_cast<uint32_t>(sum) + product);
  for (size_t i = 1; i < path; i++) next[at.sum + i] = own[at.sum + i - 1];
}

// MARK: Broadcast, stationary

Layout BroadcastPE::layout(const Engine &engine) {
  size_t depth = static_cast<size_t>(engine.macs_per_pe);
  Layout layout;
  layout.shadow = layout.w + depth * (engine.shadow_weights ? 1 : static_cast<size_t>(engine.stationary_buffers));
  layout.count = layout.shadow + (engine.shadow_weights ? depth : 0);
  return layout;
}

uint32_t BroadcastPE::product() const {
  const Step &step = array.edge.step(0);
  if (!step.tile) return 0;
  size_t used = !array.has_shadow ? array.layout.w + step.slot * array.depth
                : step.is_first   ? array.layout.shadow
                                  : array.layout.w;
  const int16_t *a = &step.left[(replica * array.rows + row) * array.depth];
  uint32_t product = 0;
  for (size_t v = 0; v < array.depth; v++) product += multiplied(a[v], registers.read()[used + v]);
  return product;
}

void BroadcastPE::clock() {
  const Layout &at = array.layout;
  bool swaps = array.has_shadow && array.edge.step(0).is_first;
  const LoadRow &load = array.edge.row(0);
  if (!swaps && !load.is_command) return;
  const int32_t *own = registers.read();
  int32_t *next = registers.write();
  std::copy_n(own, at.count, next);
  if (swaps) std::copy_n(own + at.shadow, array.depth, next + at.w);
  if (!load.is_command) return;
  size_t chain = array.has_shadow ? at.shadow : at.w + load.slot * array.depth;
  for (size_t v = 0; v < array.depth; v++)
    next[chain + v] = above ? above->registers.read()[chain + v] : load.top[v * array.columns + column];
}

// MARK: Output-stationary

Layout OutputPE::layout(const Engine &engine) {
  size_t depth = engine.is_systolic() ? static_cast<size_t>(engine.macs_per_pe) : 0;
  size_t delays = static_cast<size_t>(engine.pe_registers) - 1;
  Layout layout;
  layout.bias = 1;
  layout.a = 2;
  layout.b = layout.a + depth;
  layout.product = layout.b + depth;
  layout.mark = layout.product + delays;
  layout.product_bias = layout.mark + delays;
  layout.acc = layout.product_bias + delays;
  layout.out = layout.acc + 1;
  layout.count = layout.out + 1;
  return layout;
}

/// Takes operands, and what comes with them, from the neighbours or the edges, and multiplies them.
OutputPE::Marked OutputPE::multiply(int32_t *next) const {
  const Layout &at = array.layout;
  bool is_systolic = array.spec.is_systolic();
  const int32_t *beside = is_systolic && left ? left->registers.read() : nullptr;
  const int32_t *over = is_systolic && above ? above->registers.read() : nullptr;
  const Step &across = array.edge.step(is_systolic && !beside ? static_cast<int64_t>(row) : 0);
  const Step &down = array.edge.step(is_systolic && !over ? static_cast<int64_t>(column) : 0);
  Marked result;
  result.marks = beside ? beside[at.flags] : (across.is_first ? first : 0) | (across.is_last ? last : 0);
  result.bias = static_cast<uint32_t>(over ? over[at.bias] : down.bias[column]);
  result.product = 0;
  const int16_t *edge = &across.left[(replica * array.rows + row) * array.depth];
  for (size_t v = 0; v < array.depth; v++) {
    int32_t a = beside ? beside[at.a + v] : edge[v];
    int32_t b = over ? over[at.b + v] : down.top[v * array.columns + column];
    if (is_systolic) {
      next[at.a + v] = a;
      next[at.b + v] = b;
    }
    result.product += multiplied(a, b);
  }
  next[at.flags] = result.marks;
  next[at.bias] = static_cast<int32_t>(result.bias);
  return result;
}

/// Through the p − 1 registers before the accumulator.
OutputPE::Marked OutputPE::delay(const Marked &input, const int32_t *own, int32_t *next) const {
  const Layout &at = array.layout;
  size_t delays = array.path - 1;
  if (delays == 0) return input;
  next[at.product] = static_cast<int32_t>(input.product);
  next[at.mark] = input.marks;
  next[at.product_bias] = static_cast<int32_t>(input.bias);
  for (size_t i = 1; i < delays; i++) {
    next[at.product + i] = own[at.product + i - 1];
    next[at.mark + i] = own[at.mark + i - 1];
    next[at.product_bias + i] = own[at.product_bias + i - 1];
  }
  return {static_cast<uint32_t>(own[at.product + delays - 1]), static_cast<uint32_t>(own[at.product_bias + delays - 1]),
          own[at.mark + delays - 1]};
}

void OutputPE::clock() {
  const Layout &at = array.layout;
  const int32_t *own = registers.read();
  int32_t *next = registers.write();
  Marked input = delay(multiply(next), own, next);

  int32_t acc = own[at.acc], out = own[at.out];
  int64_t shift = array.edge.shift(static_cast<int64_t>(column));
  if (shift > 0 && static_cast<int64_t>(row) >= shift - 1) {
    size_t chain = array.spec.output_path == OutputPath::shift ? at.acc : at.out;
    (chain == at.acc ? acc : out) = above ? above->registers.read()[chain] : 0;
  }
  uint32_t base = input.marks & first ? input.bias : static_cast<uint32_t>(acc);
  next[at.acc] = static_cast<int32_t>(base + input.product);
  next[at.out] = input.marks & last ? next[at.acc] : out;
}

}  // namespace vitsim
#endif
