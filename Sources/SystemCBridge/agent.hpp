// Something that acts on its own, once a cycle, in the order of rule A1.
#pragma once
#include <systemc>

#include "environment.hpp"
#include "registers.hpp"

namespace vitsim {

/// Each agent is woken by the zero-time event of the one before. What it does in a cycle is visible to others when it
/// has been entered in the calendar for the next edge, or at once where rule M5a says so.
class Agent : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Agent);

  Agent(const sc_core::sc_module_name &name, Environment &environment)
      : sc_core::sc_module(name), environment(environment) {
    SC_METHOD(take_turn);
    sensitive << turn;
    dont_initialize();
  }

  /// What it does in the present cycle.
  virtual void act() = 0;
  /// The clock edge that ends the present cycle, before the calendar's entries for the next.
  virtual void commit() {}
  /// What can be seen when all registers have changed: the first moment of cycle `environment.now + 1`.
  virtual void settle() {}
  /// Before a new program: as at elaboration.
  virtual void reset() {}
  /// Its register groups, in the order of docs/cosimulation.md.
  virtual void add_groups(RegisterFile &) {}

  sc_core::sc_event turn;
  Agent *next = nullptr;

 protected:
  Environment &environment;

 private:
  void take_turn() {
    act();
    if (next) next->turn.notify(sc_core::SC_ZERO_TIME);
  }
};

}  // namespace vitsim
