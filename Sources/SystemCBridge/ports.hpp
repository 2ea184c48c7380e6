// Ports of the buffers' banks (rules B1 to B4).
#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "program.hpp"

namespace vitsim {

class Ports {
 public:
  /// Claims of one agent that overlap count once where they are of one kind (the results of two tiles), but those of
  /// the last.
  enum class Kind { operand, second, results, single };
  static constexpr size_t kinds = 4;

  /// What one role of an action touches: the banks from that of the region's first byte to that of its last (B1).
  struct Role {
    size_t buffer, first, last;
    Kind kind;
  };

  Ports(const Accelerator &accelerator, size_t agents) {
    for (const Buffer &buffer : accelerator.buffers) {
      buffers_.push_back({buffer.ports, buffer.bank_bytes(), std::vector<Bank>(static_cast<size_t>(buffer.banks))});
      for (Bank &bank : buffers_.back().banks) bank.claims.assign(agents, {});
    }
  }

  Role role(const Region &region, Kind kind = Kind::single) const {
    const Banks &buffer = buffers_[static_cast<size_t>(region.buffer)];
    return {static_cast<size_t>(region.buffer), static_cast<size_t>(region.offset / buffer.bank_bytes),
            static_cast<size_t>((region.end() - 1) / buffer.bank_bytes), kind};
  }

  /// By how much an action with these roles is slower for want of ports (B2).
  int64_t share(const std::vector<Role> &roles) const {
    int64_t share = 1;
    each_bank(roles, [&](const Banks &buffer, const Bank &, int64_t meeting) {
      share = std::max(share, (meeting + buffer.ports - 1) / buffer.ports);
      return true;
    });
    return share;
  }

  /// Whether `agent` gets all ports of an action with these roles (B3).
  bool are_free(size_t agent, const std::vector<Role> &roles) const {
    return each_bank(roles, [&](const Banks &buffer, const Bank &bank, int64_t meeting) {
      int64_t own = std::min(buffer.ports, bank.roles(agent));
      return std::min(buffer.ports, meeting) + bank.held - own <= buffer.ports;
    });
  }

  void claim(size_t agent, const Role &role) { change(agent, role, 1); }
  void release(size_t agent, const Role &role) { change(agent, role, -1); }

  /// The register group `B.ports`.
  size_t banks(size_t buffer) const { return buffers_[buffer].banks.size(); }
  int64_t held(size_t buffer, size_t bank) const { return buffers_[buffer].banks[bank].held; }

 private:
  struct Bank {
    /// Of each agent, by kind.
    std::vector<std::array<int64_t, kinds>> claims;
    /// Σ over agents of min(ports, roles).
    int64_t held = 0;

    /// Active roles of an agent.
    int64_t roles(size_t agent) const {
      const auto &its = claims[agent];
      return (its[0] > 0) + (its[1] > 0) + (its[2] > 0) + its[3];
    }
  };
  struct Banks {
    int64_t ports, bank_bytes;
    std::vector<Bank> banks;
  };

  /// Calls `body` with every bank that a role touches and the number of roles that meet there, as long as it says so.
  template <class F>
  bool each_bank(const std::vector<Role> &roles, F &&body) const {
    for (size_t index = 0; index < roles.size(); index++) {
      const Role &role = roles[index];
      const Banks &buffer = buffers_[role.buffer];
      for (size_t bank = role.first; bank <= role.last; bank++) {
        int64_t meeting = 0;
        bool is_seen = false;
        for (size_t other = 0; other < roles.size(); other++) {
          const Role &it = roles[other];
          if (it.buffer != role.buffer || bank < it.first || bank > it.last) continue;
          meeting++;
          is_seen = is_seen || other < index;
        }
        if (!is_seen && !body(buffer, buffer.banks[bank], meeting)) return false;
      }
    }
    return true;
  }

  void change(size_t agent, const Role &role, int64_t by) {
    Banks &buffer = buffers_[role.buffer];
    for (size_t index = role.first; index <= role.last; index++) {
      Bank &bank = buffer.banks[index];
      bank.held -= std::min(buffer.ports, bank.roles(agent));
      bank.claims[agent][static_cast<size_t>(role.kind)] += by;
      bank.held += std::min(buffer.ports, bank.roles(agent));
    }
  }

  std::vector<Banks> buffers_;
};

}  // namespace vitsim
