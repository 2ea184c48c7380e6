#if __has_include(<systemc>)
#include "results.hpp"

namespace vitsim {

Results::Results(Environment &environment, const Engine &engine) : environment_(environment) {
  int64_t longest = 0;
  for (const Buffer &buffer : environment.accelerator().buffers) longest = std::max(longest, buffer.latency);
  size_t size = static_cast<size_t>(longest + engine.edge_registers + 3);
  writes_.resize(size);
  sums_.resize(size);
}

void Results::push(const Tile &tile, int64_t index, int32_t value, int64_t visible) {
  Result result{tile.op, index, tile.out_latency, value};
  if (tile.accumulates) {
    slot(sums_, visible - tile.out_latency).push_back(result);
  } else {
    slot(writes_, visible).push_back(result);
  }
}

void Results::reset() {
  for (std::vector<Result> &writes : writes_) writes.clear();
  for (std::vector<Result> &sums : sums_) sums.clear();
}

void Results::settle(int64_t cycle) {
  Memory &memory = *environment_.memory;
  std::vector<Result> &writes = slot(writes_, cycle), &sums = slot(sums_, cycle);
  for (const Result &result : writes) memory.set_word(result.op->out, result.index, result.value);
  writes.clear();
  for (Result &result : sums) {
    int32_t held = memory.word(result.op->out, result.index);
    result.value = static_cast<int32_t>(static_cast<uint32_t>(result.value) + static_cast<uint32_t>(held));
    if (result.latency == 0) {
      memory.set_word(result.op->out, result.index, result.value);
    } else {
      slot(writes_, cycle + result.latency).push_back(result);
    }
  }
  sums.clear();
}

}  // namespace vitsim
#endif
