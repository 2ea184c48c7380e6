// Results on their way from the array to the output buffer (rules M7, M11).
#pragma once
#include <vector>

#include "tile.hpp"

namespace vitsim {

class Results {
 public:
  Results(Environment &environment, const Engine &engine);

  /// Element `index` of the results of `tile`, row by row, visible in cycle `visible`.
  void push(const Tile &tile, int64_t index, int32_t value, int64_t visible);

  /// Forgets all that are under way.
  void reset();

  /// The edge that begins `cycle`: writes what is visible from it on.
  void settle(int64_t cycle);

 private:
  struct Result {
    const MatMul *op;
    int64_t index, latency;
    int32_t value;
  };
  std::vector<Result> &slot(std::vector<std::vector<Result>> &ring, int64_t cycle) {
    return ring[static_cast<size_t>(cycle) % ring.size()];
  }

  Environment &environment_;
  /// By cycle, modulo their size: results that are written, and those that are added to what the buffer holds then.
  std::vector<std::vector<Result>> writes_, sums_;
};

}  // namespace vitsim
