/// The ports of all banks and who holds them (rules B1–B4).
///
/// Banks of all buffers stand in one row. An agent may hold a bank in up to three roles.
struct LiteralPorts {
  /// One role of one action: a port in every bank from `low` to `high`.
  struct Claim {
    var role: Int
    var low: Int
    var high: Int
  }

  private struct Expiry {
    var cycle: Int
    var agent: Int
    var claim: Int
  }

  static let roles = 3

  /// Claims of all actions; an action is a range of them.
  var claims: [Claim] = []
  /// Ports of each bank.
  private let ports: [Int]
  private let banks: Int
  /// Claims held by agent, role and bank.
  private var held: [Int]
  /// Ports that an agent occupies in a bank: min(ports, its active roles).
  private var own: [Int]
  /// Ports occupied in a bank.
  private(set) var taken: [Int]
  /// Changes whenever a port is taken or given back.
  private var epoch = 0
  /// The epoch in which an agent was last refused: until it changes there is nothing new to ask.
  private var refused: [Int]
  private var expiries: [Expiry] = []
  private var soonest = Int.max

  init(ports: [Int], agents: Int) {
    self.ports = ports
    banks = ports.count
    held = Array(repeating: 0, count: agents * Self.roles * ports.count)
    own = Array(repeating: 0, count: agents * ports.count)
    taken = Array(repeating: 0, count: ports.count)
    refused = Array(repeating: -1, count: agents)
  }

  /// The largest ⌈roles/ports⌉ over the banks of an action (rule B2).
  func share(of action: Range<Int>) -> Int {
    var share = 1
    for index in action {
      for bank in claims[index].low...claims[index].high {
        let roles = roles(of: action, in: bank)
        share = max(share, (roles + ports[bank] - 1) / ports[bank])
      }
    }
    return share
  }

  private func roles(of action: Range<Int>, in bank: Int) -> Int {
    var count = 0
    for index in action where claims[index].low <= bank && bank <= claims[index].high { count += 1 }
    return count
  }

  /// Grants all claims of an action or none.
  mutating func grant(_ agent: Int, _ action: Range<Int>) -> Bool {
    if refused[agent] == epoch { return false }
    guard fits(agent, action) else {
      refused[agent] = epoch
      return false
    }
    for index in action { change(agent, index, by: 1) }
    return true
  }

  /// Whether all claims of an action could be granted now.
  func fits(_ agent: Int, _ action: Range<Int>) -> Bool {
    for index in action {
      for bank in claims[index].low...claims[index].high {
        let wanted = min(roles(of: action, in: bank), ports[bank])
        if wanted + taken[bank] - own[agent * banks + bank] > ports[bank] { return false }
      }
    }
    return true
  }

  mutating func release(_ agent: Int, _ claim: Int) { change(agent, claim, by: -1) }

  /// Gives `claim` back at the edge before `cycle`.
  mutating func release(_ agent: Int, _ claim: Int, at cycle: Int) {
    expiries.append(Expiry(cycle: cycle, agent: agent, claim: claim))
    soonest = min(soonest, cycle)
  }

  /// The edge before cycle `next`.
  @inline(__always)
  mutating func commit(next: Int) {
    if next >= soonest { expire(next) }
  }

  private mutating func expire(_ next: Int) {
    soonest = Int.max
    var kept = 0
    for index in expiries.indices {
      let expiry = expiries[index]
      if expiry.cycle <= next {
        release(expiry.agent, expiry.claim)
      } else {
        expiries[kept] = expiry
        kept += 1
        soonest = min(soonest, expiry.cycle)
      }
    }
    expiries.removeLast(expiries.count - kept)
  }

  private mutating func change(_ agent: Int, _ index: Int, by step: Int) {
    let claim = claims[index]
    for bank in claim.low...claim.high {
      held[(agent * Self.roles + claim.role) * banks + bank] += step
      var roles = 0
      for role in 0..<Self.roles where held[(agent * Self.roles + role) * banks + bank] > 0 { roles += 1 }
      let ports = min(ports[bank], roles)
      taken[bank] += ports - own[agent * banks + bank]
      own[agent * banks + bank] = ports
    }
    epoch &+= 1
  }
}
