import Hardware
import Schedule

/// The claims of one action: a range of banks for each role (rule B2).
struct Claims {
  /// A streamer has the most roles: two operands and the results.
  static let most = 3
  var count = 0
  var first = (0, 0, 0)
  var last = (0, 0, 0)
  /// Role within the agent.
  var role = (0, 0, 0)

  mutating func add(_ banks: ClosedRange<Int>, role: Int) {
    switch count {
    case 0: (first.0, last.0, self.role.0) = (banks.lowerBound, banks.upperBound, role)
    case 1: (first.1, last.1, self.role.1) = (banks.lowerBound, banks.upperBound, role)
    default: (first.2, last.2, self.role.2) = (banks.lowerBound, banks.upperBound, role)
    }
    count += 1
  }

  func banks(_ index: Int) -> ClosedRange<Int> {
    switch index {
    case 0: first.0...last.0
    case 1: first.1...last.1
    default: first.2...last.2
    }
  }

  /// The role of the claim at `index`.
  func role(_ index: Int) -> Int { index == 0 ? role.0 : index == 1 ? role.1 : role.2 }

  /// Roles that touch `bank`.
  func roles(in bank: Int) -> Int {
    var roles = 0
    for index in 0..<count where banks(index).contains(bank) { roles += 1 }
    return roles
  }
}

/// Who holds which port of which bank until when (rules B1–B4).
struct PortTable {
  let map: BankMap
  /// Words that transfers write where ports are granted word by word.
  var words: WordTable
  /// Results that are added to what is there: when each takes the port of its banks.
  var results: WordTable
  /// By buffer: whether its ports are.
  let isByWord: [Bool]
  private let ports: [Int]
  private let agentCount: Int
  /// By bank, agent and role: the cycle from which the claim no longer holds.
  private var release: [Int]
  /// By bank and agent: the same for all its roles.
  private var latest: [Int]
  /// By bank.
  private var holders: [Holder]

  /// No agent but `owner` holds a claim of the bank beyond `others`. Makes the usual grant O(1).
  private struct Holder {
    var owner = 0
    var until = 0
    var others = 0

    /// The cycle from which no agent but `agent` holds a claim.
    func free(for agent: Int) -> Int { owner == agent ? others : until }

    mutating func claim(_ agent: Int, until time: Int) {
      if owner == agent {
        until = max(until, time)
      } else if time > until {
        (owner, until, others) = (agent, time, until)
      } else {
        others = max(others, time)
      }
    }
  }

  init(_ accelerator: Accelerator, agents: AgentMap) {
    agentCount = agents.count
    map = BankMap(accelerator.buffers)
    ports = map.ports
    words = WordTable(ports: ports)
    results = WordTable(ports: ports)
    isByWord = accelerator.buffers.indices.map { accelerator.wordBuffers.contains($0) }
    let banks = ports.count
    release = Array(repeating: 0, count: banks * agentCount * Claims.most)
    latest = Array(repeating: 0, count: banks * agentCount)
    holders = Array(repeating: Holder(), count: banks)
  }

  /// A cycle ≤ `time` when the claims can be granted at `time`; else the next cycle in which it is worth asking.
  func retry(agent: Int, claims: Claims, at time: Int) -> Int {
    var retry = time
    for index in 0..<claims.count {
      for bank in claims.banks(index) where holders[bank].free(for: agent) > time {
        var taken = min(ports[bank], claims.roles(in: bank))
        var soonest = Int.max
        for other in 0..<agentCount where latest[bank * agentCount + other] > time && other != agent {
          var active = 0
          let base = (bank * agentCount + other) * Claims.most
          for role in 0..<Claims.most where release[base + role] > time {
            active += 1
            soonest = min(soonest, release[base + role])
          }
          taken += min(active, ports[bank])
        }
        if taken > ports[bank] { retry = max(retry, soonest) }
      }
    }
    return retry
  }

  /// Holds one range of banks for `role` of `agent` until `until`, exclusive; `.max` while that isn't known.
  mutating func claim(agent: Int, role: Int, banks: ClosedRange<Int>, until: Int) {
    for bank in banks {
      let index = (bank * agentCount + agent) * Claims.most + role
      release[index] = max(release[index], until)
      latest[bank * agentCount + agent] = max(latest[bank * agentCount + agent], until)
      holders[bank].claim(agent, until: until)
    }
  }

  /// Replaces an open claim's `.max` once its end is known.
  mutating func settle(agent: Int, role: Int, banks: ClosedRange<Int>, until: Int) {
    for bank in banks {
      release[(bank * agentCount + agent) * Claims.most + role] = until
      holders[bank] = Holder()
      for other in 0..<agentCount {
        latest[bank * agentCount + other] = 0
        for role in 0..<Claims.most {
          let held = release[(bank * agentCount + other) * Claims.most + role]
          latest[bank * agentCount + other] = max(latest[bank * agentCount + other], held)
          holders[bank].claim(other, until: held)
        }
      }
    }
  }
}

/// ⌈a / b⌉ for a ≥ 0, b > 0.
@inline(__always)
func ceil(_ a: Int, _ b: Int) -> Int { (a &+ b &- 1) / b }
