#if __has_include(<systemc>)
#include "machine.hpp"

namespace vitsim {

using sc_core::SC_NS;
using sc_core::SC_ZERO_TIME;
using sc_core::sc_time;

Machine::Machine(const sc_core::sc_module_name &name, Program program, vitsim_level level)
    : Machine(name, std::move(program), level, [](Environment &environment, std::vector<DMAChannel *> channels) {
        return std::make_unique<DRAMBus>("dram", environment, std::move(channels));
      }) {
  clock_ = std::make_unique<sc_core::sc_clock>("clock", sc_time(1, SC_NS), 0.5, sc_time(0.5, SC_NS), true);
  SC_METHOD(begin);
  sensitive << clock_->negedge_event();
  SC_METHOD(edge);
  sensitive << clock_->posedge_event();
  dont_initialize();
  SC_METHOD(settle);
  sensitive << settle_;
  dont_initialize();
}

Machine::Machine(const sc_core::sc_module_name &name, Program program, vitsim_level level, const MakeDRAM &make_dram)
    : sc_core::sc_module(name), environment_(std::move(program), level) {
  build(make_dram);
  add_groups();
}

void Machine::build(const MakeDRAM &make_dram) {
  const Accelerator &accelerator = environment_.accelerator();
  for (size_t index = 0; index < accelerator.engines.size(); index++) {
    engines_.push_back(
        std::make_unique<MatrixEngine>(accelerator.engines[index].name.c_str(), environment_, index));
    chain(engines_.back()->streamer);
    if (engines_.back()->loader) chain(*engines_.back()->loader);
  }
  vector_ = std::make_unique<VectorUnit>("vector", environment_);
  chain(*vector_);
  std::vector<DMAChannel *> channels;
  for (size_t index = 0; index < accelerator.channels.size(); index++) {
    std::string name = "dma_" + accelerator.channels[index].name;
    channels_.push_back(std::make_unique<DMAChannel>(name.c_str(), environment_, index));
    channels.push_back(channels_.back().get());
    chain(*channels_.back());
  }
  dram_ = make_dram(environment_, std::move(channels));
  for (auto &channel : channels_) channel->dram = dram_.get();
  chain(*dram_);
}

void Machine::chain(Agent &agent) {
  if (!agents_.empty()) agents_.back()->next = &agent;
  agents_.push_back(&agent);
}

/// In the order of docs/cosimulation.md: engines, buffers, the other units, tokens.
void Machine::add_groups() {
  for (auto &engine : engines_) engine->streamer.add_groups(registers_);
  Environment *environment = &environment_;
  for (size_t buffer = 0; buffer < environment->accelerator().buffers.size(); buffer++) {
    size_t banks = environment->ports.banks(buffer);
    auto read = [environment, buffer, banks](int32_t *registers) {
      for (size_t bank = 0; bank < banks; bank++)
        registers[bank] = static_cast<int32_t>(environment->ports.held(buffer, bank));
    };
    registers_.add({environment->accelerator().buffers[buffer].name + ".ports", {static_cast<int64_t>(banks)}, read,
                    nullptr});
  }
  vector_->add_groups(registers_);
  for (auto &channel : channels_) channel->add_groups(registers_);
  dram_->add_groups(registers_);
  auto read = [environment](int32_t *registers) {
    for (size_t pair = 0; pair < environment->tokens.size(); pair++)
      registers[pair] = static_cast<int32_t>(environment->tokens.visible(pair));
  };
  auto flip = [environment](size_t pair, int32_t mask) { environment->tokens.flip(pair, mask); };
  registers_.add({"tokens", {static_cast<int64_t>(environment->tokens.size())}, read, flip});
}

void Machine::begin() { agents_.front()->turn.notify(SC_ZERO_TIME); }

void Machine::edge() {
  commit();
  settle_.notify(SC_ZERO_TIME);
}

void Machine::act() {
  for (Agent *agent : agents_) agent->act();
}

void Machine::commit() {
  for (Agent *agent : agents_) agent->commit();
  if (environment_.calendar.run(environment_.now + 1)) environment_.stir(environment_.now + 1);
}

void Machine::settle() {
  for (Agent *agent : agents_) agent->settle();
  environment_.now++;
}

bool Machine::has_grids() const {
  for (auto &engine : engines_)
    if (engine->has_grid()) return true;
  return false;
}

void Machine::load(Program program) {
  environment_.load(std::move(program));
  for (Agent *agent : agents_) agent->reset();
}

bool Machine::step(int64_t cycles) {
  static const sc_time cycle(1, SC_NS);
  for (; cycles > 0 && !environment_.is_done(); cycles--) {
    sc_core::sc_start(cycle);
    if (environment_.is_stuck())
      throw Deadlock("deadlock in cycle " + std::to_string(environment_.now) + ": instructions " +
                     environment_.waiting() + " wait");
  }
  return environment_.is_done();
}

}  // namespace vitsim
#endif
