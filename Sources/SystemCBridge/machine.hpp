// The accelerator: all agents, in the order of rule A1, around one clock.
#pragma once
#include <memory>
#include <systemc>
#include <vector>

#include "dram_bus.hpp"
#include "matrix_engine.hpp"
#include "vector_unit.hpp"

namespace vitsim {

/// Cycle t lasts from t ns on. Agents act at its beginning; its clock edge is in its middle, so that all registers can
/// be read at whole nanoseconds.
class Machine : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Machine);

  Machine(const sc_core::sc_module_name &name, Program program, vitsim_level level);

  /// Runs up to `cycles` cycles; true if all instructions have ended. Throws `Deadlock`.
  bool step(int64_t cycles);

  Environment &environment() { return environment_; }
  const RegisterFile &registers() const { return registers_; }

 private:
  void begin();
  void edge();
  void settle();
  void build();
  /// One more agent, the last in the order.
  void chain(Agent &agent);
  void add_groups();

  Environment environment_;
  sc_core::sc_clock clock_;
  sc_core::sc_event settle_;
  std::vector<std::unique_ptr<MatrixEngine>> engines_;
  std::unique_ptr<VectorUnit> vector_;
  std::vector<std::unique_ptr<DMAChannel>> channels_;
  std::unique_ptr<DRAMBus> dram_;
  std::vector<Agent *> agents_;
  RegisterFile registers_;
};

}  // namespace vitsim
