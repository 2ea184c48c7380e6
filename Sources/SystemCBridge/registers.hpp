// The register file: groups one after the other (docs/cosimulation.md, "Registers").
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "kernel.hpp"

namespace vitsim {

/// Registers of one kind and one unit.
struct RegisterGroup {
  std::string name;
  /// Outermost first; at most four.
  std::vector<int64_t> dimensions;
  /// Writes all of them.
  std::function<void(int32_t *)> read;
  /// Flips bits of one; empty where that can't be.
  std::function<void(size_t, int32_t)> flip;

  size_t size() const {
    size_t size = 1;
    for (int64_t dimension : dimensions) size *= static_cast<size_t>(dimension);
    return size;
  }
};

class RegisterFile {
 public:
  void add(RegisterGroup group) {
    size_ += group.size();
    groups_.push_back(std::move(group));
  }

  const std::vector<RegisterGroup> &groups() const { return groups_; }
  size_t size() const { return size_; }

  void read(int32_t *registers) const {
    for (const RegisterGroup &group : groups_) {
      group.read(registers);
      registers += group.size();
    }
  }

  void flip(size_t index, int32_t mask) const {
    for (const RegisterGroup &group : groups_) {
      if (index < group.size()) {
        if (!group.flip) throw Misuse(group.name + " can't be upset");
        group.flip(index, mask);
        return;
      }
      index -= group.size();
    }
    throw Misuse("a register beyond the register file");
  }

 private:
  std::vector<RegisterGroup> groups_;
  size_t size_ = 0;
};

}  // namespace vitsim
