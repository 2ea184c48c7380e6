// A DMA channel (rules D1 to D8).
#pragma once
#include <deque>

#include "assembler.hpp"
#include "dram_port.hpp"

namespace vitsim {

class DMAChannel : public Agent {
 public:
  DMAChannel(const sc_core::sc_module_name &name, Environment &environment, size_t channel);

  void act() override;
  void commit() override;
  void settle() override;
  void reset() override;
  void add_groups(RegisterFile &file) override;

  // MARK: What the DRAM asks and says

  /// The DRAM that it reaches; has to be there when it acts.
  DRAMPort *dram = nullptr;

  /// A burst, and the cycle in which it gets to the DRAM.
  struct Request {
    int64_t cycle;
    Burst burst;
  };
  /// Takes one that gets there in the present cycle.
  bool take_request(Request &request);
  int64_t beat_bytes() const { return spec_.beat_bytes; }
  /// Beat of a read that has passed the bus with `cycle`: beats come in order.
  void arrive(int64_t cycle) { arrivals_.push_back(cycle); }
  void acknowledge(int64_t cycle) { acknowledgements_.push_back(cycle); }

 private:
  const Instruction &transfer(size_t place) const { return environment.instruction(queue_[place]); }
  bool is_load(size_t place) const { return transfer(place).kind == Kind::load; }
  bool has_room() const;
  int64_t beat_interval(const Burst &burst) const;
  int64_t issue_from() const;
  void start();
  void issue();
  bool read_beat();
  bool write_beat();
  void move(const Burst &burst, int64_t beat);
  void finish(const Burst &burst);
  void complete(const Burst &burst);
  void read_control(int32_t *registers) const;

  const size_t channel_;
  const Channel &spec_;
  const std::vector<size_t> &queue_;
  Cutter cutter_;
  Assembler assembler_;
  /// Transfers that have started, those with all bursts issued (write: sent), and when the last one ends.
  size_t next_ = 0, issued_ = 0;
  int64_t last_end_ = 0;
  /// When the first burst of each transfer that has started and isn't issued may be.
  std::deque<int64_t> ready_;
  /// Bursts asked for and not done; places that they and those before them hold.
  std::deque<Burst> bursts_;
  int64_t places_ = 0;
  std::deque<Request> requests_;
  std::deque<int64_t> arrivals_, acknowledgements_;
  /// Cycles left of the beat at the buffer's port, and beats left to send of the burst that is written.
  int64_t beat_left_ = 0, to_send_ = 0;
  /// The cycle after the beat that was sent last.
  int64_t sent_until_ = 0;
  /// Bytes that are in the buffer from the next cycle on.
  struct Write {
    const Region *region;
    int64_t index;
    uint8_t byte;
  };
  std::vector<Write> writes_;
};

}  // namespace vitsim
