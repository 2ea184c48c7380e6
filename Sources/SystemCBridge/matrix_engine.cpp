#if __has_include(<systemc>)
#include "matrix_engine.hpp"

namespace vitsim {

MatrixEngine::MatrixEngine(const sc_core::sc_module_name &name, Environment &environment, size_t engine)
    : sc_core::sc_module(name),
      streamer("streamer", environment, *this),
      environment_(environment),
      index_(engine),
      spec_(environment.accelerator().engines[engine]),
      ahead_(spec_.shadow_weights ? 1 : spec_.stationary_buffers),
      tiler_(environment, engine) {
  refuse();
  if (spec_.is_stationary()) loader = std::make_unique<Loader>("loader", environment, *this);
  if (environment.has_bytes()) grid_ = make_grid("array", environment, engine);
  take_loaded();
}

void MatrixEngine::refuse() const {
  auto lacks = [this](const char *what) {
    throw Unsupported(spec_.name + ": " + what + " isn't in the SystemC model");
  };
  auto is_always = [](const Duty &duty) { return duty.open == duty.period; };
  if (spec_.lock_step) lacks("lock-step");
  if (spec_.row_by_row) lacks("row-by-row");
  if (spec_.tile_steps > 0) lacks("tile-steps");
  if (spec_.output_fifo > 0) lacks("output-fifo");
  if (!is_always(spec_.stream_duty)) lacks("stream-duty");
  if (!is_always(spec_.load_duty)) lacks("load-duty");
  if (!is_always(spec_.result_duty)) lacks("result-duty");
  if (spec_.streams) lacks("streams");
  // Its PEs have an accumulator for each multiplier.
  if (spec_.depthwise && environment_.has_bytes()) lacks("depthwise");
  for (size_t index : environment_.queues[index_]) {
    const Instruction &instruction = environment_.instruction(index);
    if (instruction.kind == Kind::depthwise) lacks("depthwise");
    if (instruction.matmul.keeps) lacks("keep");
    if (spec_.kernel_taps == KernelTaps::separate && !spec_.is_stationary() &&
        instruction.matmul.a.order == Order::windows)
      lacks("kernel-taps: separate");
  }
}

void MatrixEngine::reset() {
  refuse();
  tiler_.reset();
  tiles_.clear();
  last_ = Tile{};
  free_.clear();
  flight_.clear();
  loads_ = streams_ = entered_ = loaded_until_ = drained_ = 0;
  load_cache_.clear();
  stream_cache_.clear();
  if (grid_) grid_->reset();
  take_loaded();
}

/// The first tiles' stationary operands are there from the start (rule M2).
void MatrixEngine::take_loaded() {
  int64_t count = environment_.program.loaded[index_];
  if (!fetch(static_cast<size_t>(count)))
    throw ProgramError(spec_.name + ": more loaded tiles than the program has");
  for (; loads_ < count; loads_++) {
    Tile &tile = tiles_[static_cast<size_t>(loads_)];
    if (tile.is_first) environment_.start(tile.instruction);
    // In place at 1, `swap-cycles` or not.
    tile.in_place = 1 - spec_.swap_cycles;
    if (grid_) grid_->fill(tile);
  }
}

/// Whether there are `count` tiles from the one on that is to be streamed next.
bool MatrixEngine::fetch(size_t count) {
  Tile tile;
  while (tiles_.size() < count && tiler_.next(tile)) tiles_.push_back(tile);
  return tiles_.size() >= count;
}

const MatrixEngine::Demand &MatrixEngine::demand(const Tile &tile, std::vector<Demand> &cache) const {
  if (!cache.empty() && cache[0].instruction == tile.instruction) return cache[0];
  const MatMul &op = *tile.op;
  const Instruction &instruction = environment_.instruction(tile.instruction);
  bool is_input = spec_.dataflow == Dataflow::input_stationary;
  Slot own = is_input ? Slot::a : Slot::b;
  auto is_loaders = [&](Slot slot) { return spec_.is_stationary() && slot == own; };
  Demand demand{tile.instruction, environment_.tokens.demands(instruction, is_loaders),
                environment_.tokens.demands(instruction, [&](Slot slot) { return !is_loaders(slot); }), {}, {}};
  const Ports &ports = environment_.ports;
  if (spec_.is_stationary()) {
    demand.load_roles = {ports.role((is_input ? op.a : op.b).region, Ports::Kind::operand)};
    demand.stream_roles = {ports.role((is_input ? op.b : op.a).region, Ports::Kind::operand)};
  } else {
    demand.stream_roles = {ports.role(op.a.region, Ports::Kind::operand),
                           ports.role(op.b.region, Ports::Kind::second)};
  }
  demand.stream_roles.push_back(ports.role(op.out, Ports::Kind::results));
  cache.assign(1, std::move(demand));
  return cache[0];
}

// MARK: Streamer

/// First cycle in which the streamer may issue `tile`, tokens and ports apart.
int64_t MatrixEngine::stream_bound(const Tile &tile) const {
  int64_t entry = tile.words - 1, until_last = entry + (tile.steps - 1) * tile.interval;
  // M5.
  int64_t start = spec_.is_stationary() ? tile.in_place + spec_.swap_cycles : 0;
  if (last_.op) {
    start = std::max(start, last_.stream_end());
    if (!spec_.tile_overlap) start = std::max(start, last_.drain_end);
    if (tile.accumulates && spec_.is_stationary()) {
      int64_t common = std::min(tile.steps, last_.steps) - 1;
      start = std::max(start, last_.entry(0) + tile.out_latency - entry);
      start = std::max(start, last_.entry(common) + tile.out_latency - entry - common * tile.interval);
    } else if (tile.accumulates) {
      start = std::max(start, last_.last_entry() + tile.out_latency - until_last);
    }
    if (!spec_.is_stationary() && spec_.output_path != OutputPath::direct) {
      // M12.
      int64_t free = last_.shift_start + last_.out_interval +
                     (spec_.rows - 1) * std::max<int64_t>(0, last_.out_interval - hop(spec_));
      start = std::max(start, spec_.output_path == OutputPath::shift ? free - entry
                                                                     : free - spec_.pe_registers - until_last);
    }
  }
  // M23.
  size_t most = static_cast<size_t>(spec_.tiles_in_flight);
  if (most > 0 && flight_.size() >= most) start = std::max(start, flight_[flight_.size() - most] + 1);
  return std::max(tile.issue_from, start - tile.stream_delay);
}

void MatrixEngine::stream() {
  if (!fetch(1)) return;
  Tile &tile = tiles_.front();
  // M5a: a load is seen a cycle later, one that was there from the start in cycle 1.
  if (spec_.is_stationary() && (loads_ == streams_ || environment_.now == tile.load_at)) return;
  int64_t bound = stream_bound(tile);
  if (environment_.now < bound) {
    environment_.stir(bound);
    return;
  }
  const Demand &needs = demand(tile, stream_cache_);
  if (tile.is_first && !environment_.tokens.are_there(needs.stream_tokens)) return;
  if (!environment_.ports.are_free(environment_.streamer(index_), needs.stream_roles)) return;
  issue_stream(tile, needs);
}

void MatrixEngine::issue_stream(Tile &tile, const Demand &needs) {
  int64_t now = environment_.now;
  if (tile.is_first) {
    environment_.tokens.take(needs.stream_tokens);
    if (!spec_.is_stationary()) environment_.start(tile.instruction);
  }
  environment_.note(Event::stream, tile.instruction, tile.number);
  environment_.stir(now + 1);
  tile.stream_at = now;
  tile.stream_start = now + tile.stream_delay;
  tile.shift_start = tile.last_entry() + (spec_.rows - 1) * hop(spec_) + spec_.pe_registers;
  bool shifts = !spec_.is_stationary() && spec_.output_path != OutputPath::direct;
  tile.drain_end = (shifts ? tile.shift_start : tile.last_entry()) + tile.exit;
  drained_ = std::max(drained_, tile.drain_end);

  size_t agent = environment_.streamer(index_);
  for (size_t role = 0; role + 1 < needs.stream_roles.size(); role++)
    environment_.hold(agent, needs.stream_roles[role], tile.last_entry() + 1 - tile.stream_delay);
  environment_.hold(agent, needs.stream_roles.back(), tile.drain_end);
  environment_.calendar.at(tile.last_entry() + 1, [this] { entered_++; });
  auto note = [this, end = tile.drain_end, index = tile.instruction, number = tile.number] {
    environment_.note_at(end, Event::drained, index, number);
  };
  environment_.calendar.at(tile.drain_end, note);
  if (tile.is_last) environment_.retire(tile.instruction, drained_);
  if (grid_) grid_->stream(tile);

  streams_++;
  remember(tile);
  last_ = tile;
  tiles_.pop_front();
}

/// What later tiles must know of `tile`, which streams.
void MatrixEngine::remember(const Tile &tile) {
  if (spec_.tiles_in_flight > 0) {
    flight_.push_back(tile.drain_end);
    if (flight_.size() > static_cast<size_t>(spec_.tiles_in_flight)) flight_.pop_front();
  }
  if (!spec_.is_stationary()) return;
  // M3, for the tile that will take this one's registers.
  int64_t kappa = spec_.is_systolic() ? (spec_.rows - 1) * (spec_.pe_registers - 1) : 0;
  int64_t free = (spec_.shadow_weights ? tile.entry(0) : tile.last_entry() + 1) + kappa;
  if (!spec_.tile_overlap && !spec_.shadow_weights) free = std::max(free, tile.drain_end);
  free_.push_back(free);
}

// MARK: Loader

void MatrixEngine::load() {
  // M5a: registers of the tile `ahead_` before are known to come free when that tile streams.
  if (loads_ >= streams_ + ahead_ || !fetch(static_cast<size_t>(loads_ - streams_) + 1)) return;
  Tile &tile = tiles_[static_cast<size_t>(loads_ - streams_)];
  int64_t bound = std::max(tile.issue_from, loaded_until_ - tile.load_delay);
  if (environment_.program.loaded[index_] > 0) bound = std::max<int64_t>(bound, 1);
  if (loads_ >= ahead_) {
    // Of the tiles streamed, `free_` has those whose registers haven't been taken.
    bound = std::max(bound, free_.front() - tile.load_delay);
  }
  if (environment_.now < bound) {
    environment_.stir(bound);
    return;
  }
  const Demand &needs = demand(tile, load_cache_);
  if (tile.is_first && !environment_.tokens.are_there(needs.load_tokens)) return;
  if (!environment_.ports.are_free(environment_.loader(index_), needs.load_roles)) return;
  issue_load(tile, needs);
}

void MatrixEngine::issue_load(Tile &tile, const Demand &needs) {
  int64_t now = environment_.now, cycles = tile.load_rows * tile.row_interval;
  if (tile.is_first) {
    environment_.tokens.take(needs.load_tokens);
    environment_.start(tile.instruction);
  }
  environment_.note(Event::load, tile.instruction, tile.number);
  environment_.stir(now + 1);
  tile.load_at = now;
  tile.load_start = now + tile.load_delay;
  tile.in_place = tile.load_start + tile.transpose + cycles;
  loaded_until_ = tile.in_place;
  environment_.hold(environment_.loader(index_), needs.load_roles[0], now + cycles);
  if (grid_) grid_->load(tile);
  if (loads_ >= ahead_) free_.pop_front();
  loads_++;
}

void MatrixEngine::read_control(int32_t *registers) const {
  registers[0] = static_cast<int32_t>(loads_);
  registers[1] = static_cast<int32_t>(streams_);
  registers[2] = static_cast<int32_t>(entered_);
  registers[3] = static_cast<int32_t>(environment_.ended[index_]);
}

// MARK: Agents

void Streamer::act() { engine_.stream(); }

void Streamer::commit() {
  if (engine_.grid_) engine_.grid_->clock();
}

void Streamer::settle() {
  if (engine_.grid_) engine_.grid_->settle();
}

void Streamer::reset() { engine_.reset(); }

void Streamer::add_groups(RegisterFile &file) {
  if (engine_.grid_) engine_.grid_->add_groups(file);
  file.add({engine_.spec_.name + ".control", {4}, [this](int32_t *registers) { engine_.read_control(registers); },
            nullptr});
}

void Loader::act() { engine_.load(); }

}  // namespace vitsim
#endif
