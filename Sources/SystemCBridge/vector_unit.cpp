#if __has_include(<systemc>)
#include "vector_unit.hpp"

#include <algorithm>

namespace vitsim {

VectorUnit::VectorUnit(const sc_core::sc_module_name &name, Environment &environment) : Agent(name, environment) {
  if (!environment.queues[environment.accelerator().vector_queue()].empty())
    throw Unsupported("vector: its instructions aren't in the SystemC model");
}

void VectorUnit::act() {}

void VectorUnit::commit() {}

void VectorUnit::add_groups(RegisterFile &file) {
  file.add({"vector.control", {7}, [this](int32_t *registers) { read_control(registers); }, nullptr});
}

void VectorUnit::read_control(int32_t *registers) const {
  std::fill_n(registers, 4, 0);
  std::fill_n(registers + 4, 3, -1);
}

}  // namespace vitsim
#endif
