// Ports of the buffers' banks (rules B1 to B4).
#pragma once
#include <algorithm>
#include <vector>

#include "program.hpp"

namespace vitsim {

class Ports {
 public:
  /// What one role of an action touches: the banks from that of the region's first byte to that of its last (B1).
  struct Role {
    size_t buffer, first, last;
  };

  Ports(const Accelerator &accelerator, size_t agents) {
    for (const Buffer &buffer : accelerator.buffers) {
      buffers_.push_back({buffer.ports, buffer.bank_bytes(), std::vector<Bank>(static_cast<size_t>(buffer.banks))});
      for (Bank &bank : buffers_.back().banks) bank.roles.assign(agents, 0);
    }
  }

  Role role(const Region &region) const {
    const Banks &buffer = buffers_[static_cast<size_t>(region.buffer)];
    return {static_cast<size_t>(region.buffer), static_cast<size_t>(region.offset / buffer.bank_bytes),
            static_cast<size_t>((region.end() - 1) / buffer.bank_bytes)};
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
      int64_t own = std::min(buffer.ports, bank.roles[agent]);
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
    /// Active roles of each agent.
    std::vector<int64_t> roles;
    /// Σ over agents of min(ports, roles).
    int64_t held = 0;
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
      bank.held -= std::min(buffer.ports, bank.roles[agent]);
      bank.roles[agent] += by;
      bank.held += std::min(buffer.ports, bank.roles[agent]);
    }
  }

  std::vector<Banks> buffers_;
};

}  // namespace vitsim
