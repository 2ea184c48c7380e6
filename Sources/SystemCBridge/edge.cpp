#if __has_include(<systemc>)
#include "edge.hpp"

namespace vitsim {
namespace {

/// Elements that an edge's skew registers may hold.
constexpr int64_t most_elements = int64_t{1} << 26;

/// Cycles until the last row and column see a step.
int64_t skew(const Engine &engine) {
  if (!engine.is_systolic()) return tree_registers(engine);
  return engine.rows * engine.pe_registers + engine.columns;
}

Step empty_step(const Engine &engine) {
  Step step;
  int64_t row = engine.replicas * engine.rows * engine.macs_per_pe;
  int64_t columns = engine.columns * engine.macs_per_pe;
  if (skew(engine) * (row + columns) > most_elements)
    throw Unsupported(engine.name + ": an array as large as this isn't in the SystemC model");
  step.left.assign(static_cast<size_t>(row), 0);
  step.bias.assign(static_cast<size_t>(engine.replicas * engine.columns), 0);
  if (!engine.is_stationary()) step.top.assign(static_cast<size_t>(columns), 0);
  return step;
}

LoadRow empty_row(const Engine &engine) {
  LoadRow row;
  if (engine.is_stationary()) row.top.assign(static_cast<size_t>(engine.macs_per_pe * engine.columns), 0);
  return row;
}

}  // namespace

Edge::Edge(const Engine &engine)
    : steps_(skew(engine), empty_step(engine)),
      rows_(engine.is_systolic() && engine.is_stationary() ? engine.rows + engine.columns : 1, empty_row(engine)),
      shifts_(static_cast<size_t>(engine.columns), 0) {}

void Edge::begin(int64_t now) {
  now_ = now;
  Step &step = steps_.at(now);
  if (step.tile) {
    step.tile = nullptr;
    step.is_first = step.is_last = false;
    std::fill(step.left.begin(), step.left.end(), 0);
    std::fill(step.top.begin(), step.top.end(), 0);
    std::fill(step.bias.begin(), step.bias.end(), 0);
  }
  rows_.at(now).is_command = false;
}

}  // namespace vitsim
#endif
