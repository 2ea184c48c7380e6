// The vector unit (rules V1 to V7).
#pragma once
#include "agent.hpp"

namespace vitsim {

class VectorUnit : public Agent {
 public:
  /// Throws `Unsupported` where the program asks for what it doesn't have.
  VectorUnit(const sc_core::sc_module_name &name, Environment &environment);

  void act() override;
  void commit() override;
  void add_groups(RegisterFile &file) override;

 private:
  /// The register group `vector.control`.
  void read_control(int32_t *registers) const;
};

}  // namespace vitsim
