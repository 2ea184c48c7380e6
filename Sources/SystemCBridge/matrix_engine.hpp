// A matrix engine (rules M1 to M13, M23, M26): its streamer and its loader, around the array.
#pragma once
#include <deque>
#include <memory>

#include "agent.hpp"
#include "grid.hpp"
#include "tile.hpp"

namespace vitsim {

class MatrixEngine;

/// Issues the streams of tiles.
class Streamer : public Agent {
 public:
  Streamer(const sc_core::sc_module_name &name, Environment &environment, MatrixEngine &engine)
      : Agent(name, environment), engine_(engine) {}
  void act() override;
  void commit() override;
  void settle() override;
  void reset() override;
  void add_groups(RegisterFile &file) override;

 private:
  MatrixEngine &engine_;
};

/// Issues the loads of tiles' stationary operands.
class Loader : public Agent {
 public:
  Loader(const sc_core::sc_module_name &name, Environment &environment, MatrixEngine &engine)
      : Agent(name, environment), engine_(engine) {}
  void act() override;

 private:
  MatrixEngine &engine_;
};

class MatrixEngine : public sc_core::sc_module {
 public:
  /// Throws `Unsupported` where the program asks for what it doesn't have.
  MatrixEngine(const sc_core::sc_module_name &name, Environment &environment, size_t engine);

  Streamer streamer;
  /// Not of an output-stationary engine.
  std::unique_ptr<Loader> loader;

  /// Its PEs are clocked by `commit` and have their registers a delta cycle later.
  bool has_grid() const { return grid_ != nullptr; }

 private:
  friend class Streamer;
  friend class Loader;

  /// What both ask of a tile's instruction, once for all of its tiles.
  struct Demand {
    size_t instruction;
    std::vector<Tokens::Demand> load_tokens, stream_tokens;
    std::vector<Ports::Role> load_roles, stream_roles;
  };

  /// Takes the program that the environment has now.
  void reset();
  void refuse() const;
  void take_loaded();
  void stream();
  void load();
  bool fetch(size_t count);
  const Demand &demand(const Tile &tile, std::vector<Demand> &cache) const;
  int64_t stream_bound(const Tile &tile) const;
  void issue_stream(Tile &tile, const Demand &demand);
  void remember(const Tile &tile);
  void issue_load(Tile &tile, const Demand &demand);
  void read_control(int32_t *registers) const;

  Environment &environment_;
  const size_t index_;
  const Engine &spec_;
  /// Tiles whose stationary operand may be loaded and not yet streamed.
  const int64_t ahead_;
  Tiler tiler_;
  /// The array; none with VITSIM_TRANSACTIONS.
  std::unique_ptr<Grid> grid_;
  /// Tiles from the one that is to be streamed next on.
  std::deque<Tile> tiles_;
  /// The tile that was streamed last; times of earlier ones: when registers are free for a load `ahead_` tiles later
  /// (M3), and results for a stream `tiles-in-flight` tiles later (M23).
  Tile last_;
  std::deque<int64_t> free_, flight_;
  int64_t loads_ = 0, streams_ = 0, entered_ = 0;
  /// When the row loaded last is in place; largest DE so far.
  int64_t loaded_until_ = 0, drained_ = 0;
  mutable std::vector<Demand> load_cache_, stream_cache_;
};

}  // namespace vitsim
