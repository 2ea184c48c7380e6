// Tokens between queues (rules G1, G2).
#pragma once
#include <algorithm>
#include <tuple>
#include <vector>

#include "program.hpp"

namespace vitsim {

class Tokens {
 public:
  /// Tokens of one pair that an action needs at once.
  struct Demand {
    size_t pair;
    int64_t count;
  };

  explicit Tokens(const Program &program) {
    for (const Instruction &instruction : program.instructions) {
      for (const Token &wait : instruction.waits) pairs_.push_back({wait.queue, instruction.queue, wait.slot});
      for (const Token &post : instruction.posts) pairs_.push_back({instruction.queue, post.queue, post.slot});
    }
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
    visible_.assign(pairs_.size(), 0);
  }

  /// What `instruction` takes for the slots of which `wants` says so; two waits for the same are met together.
  template <class F>
  std::vector<Demand> demands(const Instruction &instruction, F &&wants) const {
    std::vector<Demand> demands;
    for (const Token &wait : instruction.waits) {
      if (!wants(wait.slot)) continue;
      size_t pair = find(wait.queue, instruction.queue, wait.slot);
      auto same = std::find_if(demands.begin(), demands.end(), [&](const Demand &it) { return it.pair == pair; });
      if (same == demands.end()) {
        demands.push_back({pair, wait.count});
      } else {
        same->count += wait.count;
      }
    }
    return demands;
  }

  bool are_there(const std::vector<Demand> &demands) const {
    return std::all_of(demands.begin(), demands.end(), [&](const Demand &it) { return visible_[it.pair] >= it.count; });
  }

  void take(const std::vector<Demand> &demands) {
    for (const Demand &demand : demands) visible_[demand.pair] -= demand.count;
  }

  /// At the clock edge with which `instruction` ends.
  void post(const Instruction &instruction) {
    for (const Token &post : instruction.posts)
      visible_[find(instruction.queue, post.queue, post.slot)] += post.count;
  }

  /// The register group `tokens`.
  size_t size() const { return pairs_.size(); }
  int64_t visible(size_t pair) const { return visible_[pair]; }
  void flip(size_t pair, int32_t mask) { visible_[pair] ^= mask; }

 private:
  using Pair = std::tuple<size_t, size_t, Slot>;

  size_t find(size_t producer, size_t consumer, Slot slot) const {
    Pair pair{producer, consumer, slot};
    return static_cast<size_t>(std::lower_bound(pairs_.begin(), pairs_.end(), pair) - pairs_.begin());
  }

  std::vector<Pair> pairs_;
  std::vector<int64_t> visible_;
};

}  // namespace vitsim
