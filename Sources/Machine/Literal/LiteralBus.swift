/// What the units of the literal machine share: the clock, tokens, ports, the ledger, and what the next edge commits.
struct LiteralBus: ~Copyable {
  /// Something that becomes visible at the next clock edge.
  private struct Commit {
    /// The instruction that ends, or −1 when only ports are given back.
    var instruction: Int
    var posts: Range<Int>
    var agent: Int
    var claims: Range<Int>
  }

  var now = 0
  /// What is under way: transfers, vector instructions, loads of tiles, tiles that haven't retired.
  var underway = 0
  /// Something has started in this cycle, or ends with it.
  var acted = false
  var tokens: LiteralTokens
  var ports: LiteralPorts
  var words: LiteralWords
  /// Results that are added to what is there.
  var results: LiteralWords
  var ledger: LiteralLedger
  private var commits: [Commit] = []

  init(tokens: LiteralTokens, ports: LiteralPorts, words: LiteralWords, ledger: consuming LiteralLedger) {
    self.tokens = tokens
    self.ports = ports
    self.words = words
    results = words
    self.ledger = ledger
  }

  /// `instruction` ends with this cycle: its tokens and the ports of `claims` are free from the next on.
  mutating func finish(_ instruction: Int, posts: Range<Int>, agent: Int, claims: Range<Int>) {
    acted = true
    commits.append(Commit(instruction: instruction, posts: posts, agent: agent, claims: claims))
  }

  /// The tokens of `posts` are visible from `cycle` on.
  mutating func post(_ posts: Range<Int>, at cycle: Int) { underway += tokens.post(posts, sent: cycle, now: now) }

  /// The ports of `claims` are free from the next cycle on.
  mutating func release(_ agent: Int, _ claims: Range<Int>) {
    commits.append(Commit(instruction: -1, posts: 0..<0, agent: agent, claims: claims))
  }

  /// The clock edge; the instructions that have ended.
  @inline(__always)
  mutating func commit() -> Int {
    now &+= 1
    acted = false
    ports.commit(next: now)
    underway -= tokens.arrive(now)
    words.commit(next: now)
    results.commit(next: now)
    if !commits.isEmpty { end() }
    return ledger.ended
  }

  /// Instructions end, and ports are given back.
  private mutating func end() {
    for commit in commits {
      for claim in commit.claims { ports.release(commit.agent, claim) }
      if commit.instruction >= 0 {
        underway += tokens.post(commit.posts, at: now)
        ledger.end(commit.instruction, at: now)
      }
    }
    commits.removeAll(keepingCapacity: true)
  }
}
