#if __has_include(<systemc>)
#include "vector_timing.hpp"

#include <algorithm>

namespace vitsim {
namespace {

bool has(const VectorInstruction &instruction, VectorOperation operation) {
  return std::any_of(instruction.stages.begin(), instruction.stages.end(),
                     [&](const VectorStage &stage) { return stage.operation == operation; });
}

/// V2: words of a buffer that a group's elements take.
int64_t words(const Environment &environment, const Region &region, int64_t bytes) {
  return ceiling(bytes, environment.buffer(region).word_bytes);
}

}  // namespace

std::vector<Ports::Role> roles_of(const Environment &environment, const VectorInstruction &instruction) {
  std::vector<Ports::Role> roles{environment.ports.role(instruction.source)};
  if (instruction.operand) roles.push_back(environment.ports.role(*instruction.operand));
  roles.push_back(environment.ports.role(instruction.destination));
  return roles;
}

ChainTiming::ChainTiming(const Environment &environment, const VectorInstruction &it) {
  const VectorSpec &unit = environment.accelerator().vector;
  int64_t interval = 1;
  passes = 1;
  for (const VectorStage &stage : it.stages) {
    const VectorTiming &timing = unit.operations[static_cast<size_t>(stage.operation)];
    interval = std::max(interval, timing.interval);
    passes = std::max(passes, timing.passes);
    latency += timing.latency;
  }
  takes_square_root = has(it, VectorOperation::layernorm);
  is_row_wise = takes_square_root || has(it, VectorOperation::softmax) || has(it, VectorOperation::divide);

  packed = unit.row_packing ? std::max<int64_t>(1, std::min(it.rows, unit.lanes / it.columns)) : 1;
  rows = ceiling(it.rows, packed);
  square_root = packed * unit.square_root;
  divider = packed * unit.divider;

  const int64_t groups = ceiling(it.columns, unit.lanes), wide = std::min(unit.lanes, it.columns);
  const int64_t elements = it.rows * it.columns;
  const int64_t first = std::max(interval, words(environment, it.source,
                                                 packed * wide * ceiling(it.source.bytes(), elements)));
  int64_t last = first;
  if (it.operand) {
    // LayerNorm's parameters serve all rows of a group.
    const int64_t bytes = takes_square_root ? wide * ceiling(it.operand->bytes(), it.columns)
                                            : packed * wide * ceiling(it.operand->bytes(), elements);
    last = std::max(last, words(environment, *it.operand, bytes));
  }
  last = std::max(last, words(environment, it.destination,
                              packed * wide * ceiling(it.destination.bytes(), elements)));
  const int64_t share = environment.ports.share(roles_of(environment, it));
  pass = groups * first * share;
  last_pass = groups * last * share;
  source_latency = environment.buffer(it.source).latency;
  destination_latency = environment.buffer(it.destination).latency;
}

}  // namespace vitsim
#endif
