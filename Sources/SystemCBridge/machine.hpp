// The accelerator: all agents, in the order of rule A1, around one clock.
#pragma once
#include <functional>
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

  /// With a clock and a DRAM of its own.
  Machine(const sc_core::sc_module_name &name, Program program, vitsim_level level);

  /// Makes the DRAM of these channels.
  using MakeDRAM = std::function<std::unique_ptr<DRAMPort>(Environment &, std::vector<DMAChannel *>)>;
  /// In somebody's platform, without a clock: a thread of the platform calls `act`, `commit` and `settle`.
  Machine(const sc_core::sc_module_name &name, Program program, vitsim_level level, const MakeDRAM &make_dram);

  /// Runs up to `cycles` cycles; true if all instructions have ended. Throws `Deadlock`.
  bool step(int64_t cycles);

  /// One cycle: all agents in the order of rule A1; the clock edge; and, a delta cycle later if there are PEs, what can
  /// be seen then.
  void act();
  void commit();
  void settle();
  bool has_grids() const;

  /// Another program for the same accelerator; the next cycle is its cycle 0. Throws `Unsupported`, `ProgramError`.
  void load(Program program);

  Environment &environment() { return environment_; }
  const RegisterFile &registers() const { return registers_; }

 private:
  void begin();
  void edge();
  void build(const MakeDRAM &make_dram);
  /// One more agent, the last in the order.
  void chain(Agent &agent);
  void add_groups();

  Environment environment_;
  std::unique_ptr<sc_core::sc_clock> clock_;
  sc_core::sc_event settle_;
  std::vector<std::unique_ptr<MatrixEngine>> engines_;
  std::unique_ptr<VectorUnit> vector_;
  std::vector<std::unique_ptr<DMAChannel>> channels_;
  std::unique_ptr<DRAMPort> dram_;
  std::vector<Agent *> agents_;
  RegisterFile registers_;
};

}  // namespace vitsim
