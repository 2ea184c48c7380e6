#if __has_include(<systemc>)
#include "machine.hpp"

#include "vector_unit.hpp"

namespace vitsim {

using sc_core::SC_NS;
using sc_core::SC_ZERO_TIME;
using sc_core::sc_time;

Machine::Machine(const sc_core::sc_module_name &name, Program program, vitsim_level level)
    : sc_core::sc_module(name),
      environment_(std::move(program), level),
      clock_("clock", sc_time(1, SC_NS), 0.5, sc_time(0.5, SC_NS), true) {
  add(std::make_unique<VectorUnit>("vector", environment_));
  add_groups();

  SC_METHOD(begin);
  sensitive << clock_.negedge_event();
  SC_METHOD(edge);
  sensitive << clock_.posedge_event();
  dont_initialize();
  SC_METHOD(settle);
  sensitive << settle_;
  dont_initialize();
}

void Machine::add(std::unique_ptr<Agent> agent) {
  if (!agents_.empty()) agents_.back()->next = agent.get();
  agents_.push_back(std::move(agent));
}

void Machine::add_groups() {
  Environment &environment = environment_;
  for (size_t buffer = 0; buffer < environment.accelerator().buffers.size(); buffer++) {
    int64_t banks = static_cast<int64_t>(environment.ports.banks(buffer));
    registers_.add({environment.accelerator().buffers[buffer].name + ".ports", {banks},
                    [&environment, buffer](int32_t *registers) {
                      for (size_t bank = 0; bank < environment.ports.banks(buffer); bank++)
                        registers[bank] = static_cast<int32_t>(environment.ports.held(buffer, bank));
                    },
                    nullptr});
  }
  for (auto &agent : agents_) agent->add_groups(registers_);
  Tokens &tokens = environment.tokens;
  registers_.add({"tokens", {static_cast<int64_t>(tokens.size())},
                  [&tokens](int32_t *registers) {
                    for (size_t pair = 0; pair < tokens.size(); pair++)
                      registers[pair] = static_cast<int32_t>(tokens.visible(pair));
                  },
                  [&tokens](size_t pair, int32_t mask) { tokens.flip(pair, mask); }});
}

void Machine::begin() { agents_.front()->turn.notify(SC_ZERO_TIME); }

void Machine::edge() {
  for (auto &agent : agents_) agent->commit();
  environment_.calendar.run(environment_.now + 1);
  settle_.notify(SC_ZERO_TIME);
}

void Machine::settle() {
  for (auto &agent : agents_) agent->settle();
  environment_.now++;
}

bool Machine::step(int64_t cycles) {
  static const sc_time cycle(1, SC_NS);
  while (cycles-- > 0 && !environment_.is_done()) {
    sc_core::sc_start(cycle);
    if (environment_.is_stuck())
      throw Deadlock("deadlock in cycle " + std::to_string(environment_.now) + ": instructions " +
                     environment_.waiting() + " wait");
  }
  return environment_.is_done();
}

}  // namespace vitsim
#endif
