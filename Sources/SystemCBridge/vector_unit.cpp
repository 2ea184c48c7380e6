#if __has_include(<systemc>)
#include "vector_unit.hpp"

#include <algorithm>

namespace vitsim {

VectorUnit::VectorUnit(const sc_core::sc_module_name &name, Environment &environment)
    : Agent(name, environment),
      queue_(environment.accelerator().vector_queue()),
      agent_(environment.vector_agent()),
      lanes_("lanes", environment.accelerator().vector.rows_in_flight),
      square_root_("square_root"),
      divider_("divider") {
  lanes_.square_root(square_root_);
  lanes_.divider(divider_);
  square_root_.served(divider_);
  divider_.served(lanes_);
}

void VectorUnit::act() {
  if (!is_issuing_ && (!ended() || !start())) return;
  // Nobody else knows that it goes on by itself.
  environment.stir(environment.now + 1);
  if (environment.now < first_) return;
  if (timing_->is_row_wise) {
    advance_rows();
  } else {
    begin_elementwise();
  }
}

bool VectorUnit::ended() const { return environment.started[queue_] == environment.ended[queue_]; }

bool VectorUnit::start() {
  const auto &queue = environment.queues[queue_];
  const size_t next = static_cast<size_t>(environment.started[queue_]);
  if (next == queue.size()) return false;
  const Instruction &instruction = environment.instruction(queue[next]);
  const auto demands = environment.tokens.demands(instruction, [](Slot) { return true; });
  if (!environment.tokens.are_there(demands)) return false;
  const auto roles = roles_of(environment, instruction.vector);
  if (!environment.ports.are_free(agent_, roles)) return false;

  environment.tokens.take(demands);
  for (const Ports::Role &role : roles) environment.ports.claim(agent_, role);
  index_ = queue[next];
  environment.start(index_);
  roles_ = roles;
  timing_.emplace(environment, instruction.vector);
  const bool computes = environment.has_bytes() && !environment.program.arithmetic.empty();
  data_ = computes ? std::make_unique<VectorData>(environment, instruction.vector, *timing_) : nullptr;
  lanes_.prepare(*timing_);
  square_root_.prepare(timing_->square_root);
  divider_.prepare(timing_->divider);
  first_ = environment.now + timing_->source_latency;
  is_issuing_ = true;
  return true;
}

void VectorUnit::begin_elementwise() {
  environment.note(Event::pass, index_);
  const int64_t reading = (timing_->passes - 1) * timing_->rows * timing_->pass;
  if (data_) {
    const int64_t cycle = first_ + reading + timing_->last_pass;
    environment.calendar.at(cycle, [this, cycle] { issued(0, cycle); });
  }
  finish(first_ + reading + timing_->rows * timing_->last_pass);
}

void VectorUnit::issued(int64_t row, int64_t cycle) {
  data_->compute(row, cycle);
  if (row + 1 == timing_->rows) return;
  const int64_t next = cycle + timing_->last_pass;
  environment.calendar.at(next, [this, row, next] { issued(row + 1, next); });
}

void VectorUnit::advance_rows() {
  const int64_t now = environment.now;
  lanes_.admit(now);
  square_root_.advance(now);
  divider_.advance(now);
  const auto pass = lanes_.issue(now);
  if (!pass) return;
  environment.note(Event::pass, index_, pass->row);
  if (!pass->is_last) return;
  const int64_t cycle = now + timing_->last_pass;
  if (data_) environment.calendar.at(cycle, [this, row = pass->row, cycle] { data_->compute(row, cycle); });
  if (lanes_.is_through()) finish(cycle);
}

void VectorUnit::finish(int64_t cycle) {
  is_issuing_ = false;
  const int64_t end = cycle + timing_->tail();
  environment.retire(index_, end);
  environment.calendar.at(end, [this] {
    for (const Ports::Role &role : roles_) environment.ports.release(agent_, role);
  });
}

void VectorUnit::reset() {
  is_issuing_ = false;
  lanes_.reset();
  square_root_.reset();
  divider_.reset();
  data_.reset();
  timing_.reset();
}

void VectorUnit::add_groups(RegisterFile &file) {
  file.add({"vector.control", {7}, [this](int32_t *registers) { read_control(registers); }, nullptr});
}

void VectorUnit::read_control(int32_t *registers) const {
  const int64_t now = environment.now;
  const bool has_rows = timing_ && timing_->is_row_wise;
  const int64_t values[] = {
      environment.started[queue_],
      environment.ended[queue_],
      has_rows ? lanes_.admitted() : 0,
      has_rows ? lanes_.issued(now) : 0,
      has_rows ? lanes_.row(now) : -1,
      square_root_.row(),
      divider_.row(),
  };
  std::transform(std::begin(values), std::end(values), registers,
                 [](int64_t value) { return static_cast<int32_t>(value); });
}

}  // namespace vitsim
#endif
