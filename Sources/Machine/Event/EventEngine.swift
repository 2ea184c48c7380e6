import Hardware
import Schedule

/// The machine by formulas: jumps from one decision to the next.
///
/// A *decision* is where agents can meet: the grant of ports (rule B3) and the order of bursts at the DRAM (rule R1).
/// Decisions are taken in the order of time; everything between them follows from the rules in closed form, so an
/// instruction's end is known, and its tokens are posted with their future time, as soon as its last decision is taken.
struct EventEngine {
  let schedule: Schedule
  let accelerator: Accelerator
  /// Streamer and loader of each engine, the vector unit, the DMA channels: rule A1's order.
  let agents: AgentMap
  var ports: PortTable
  var tokens: TokenTable
  var recorder: Recorder
  var arrays: [ArrayState]
  var vector: VectorState
  var channels: [ChannelState]
  var bus: Bus
  /// By agent: the cycle in which it next asks for its ports; `.max` while it has nothing to ask for.
  var asks: [Int]
  /// By agent: the first cycle in which everything but the ports was there; −1 while it isn't.
  var ready: [Int]
  /// By channel: when its oldest unserved burst reaches the DRAM.
  var arrivals: [Int]
  /// By channel: when the next word of a store may be read.
  var gathers: [Int]
  /// By channel: when its next burst may be requested, where requests share one way (rule R6); the first cycle in which that is free,
  /// and the channel that had it last.
  var requests: [Int]
  var requestsFree = 0
  var lastRequest = 0
  var now = 0
  var ended = 0
  /// The cycle from which the last token is visible.
  private var lastToken = 0
  let progress: (@Sendable (Int, Int) -> Void)?

  static func run(_ schedule: Schedule, options: RunOptions) throws(MachineError) -> Run {
    var engine = EventEngine(schedule, options: options)
    try engine.execute()
    return engine.recorder.finish()
  }

  init(_ schedule: Schedule, options: RunOptions) {
    let accelerator = schedule.accelerator
    let queues = accelerator.queues
    self.schedule = schedule
    self.accelerator = accelerator
    progress = options.progress
    agents = AgentMap(engines: accelerator.engines.count, channels: accelerator.channels.count)
    ports = PortTable(accelerator, agents: agents)
    tokens = TokenTable(schedule)
    recorder = Recorder(schedule, options: options)
    var programs = [[Int]](repeating: [], count: queues.count)
    for (index, instruction) in schedule.instructions.enumerated() {
      programs[instruction.queue].append(index)
    }
    let engineCount = accelerator.engines.count
    arrays = []
    for engine in 0..<engineCount {
      arrays.append(ArrayState(engine: engine, program: programs[engine], schedule: schedule, banks: ports.map))
    }
    vector = VectorState(program: programs[engineCount])
    channels = accelerator.channels.indices.map {
      ChannelState(spec: accelerator.channels[$0], program: programs[engineCount + 1 + $0])
    }
    bus = Bus(accelerator)
    asks = Array(repeating: .max, count: agents.count)
    ready = Array(repeating: -1, count: agents.count)
    arrivals = Array(repeating: .max, count: channels.count)
    gathers = Array(repeating: .max, count: channels.count)
    requests = Array(repeating: .max, count: channels.count)
  }

  mutating func execute() throws(MachineError) {
    for engine in arrays.indices { arrays[engine].takeLoaded(&recorder) }
    for agent in 0..<agents.count { arm(agent) }
    var steps = 0
    while true {
      var agent = -1
      var time = Int.max
      for candidate in asks.indices where asks[candidate] < time {
        time = asks[candidate]
        agent = candidate
      }
      // What a decision may lead to in the same cycle comes behind it: grants, words of stores, requests, bursts.
      var gatherer = -1
      for candidate in gathers.indices where gathers[candidate] < time {
        time = gathers[candidate]
        gatherer = candidate
      }
      var requester = -1
      if accelerator.dram.sharesRequests {
        let next = nextRequest()
        if next.time < time { (requester, time) = next }
      }
      var channel = -1
      for candidate in arrivals.indices where arrivals[candidate] < time {
        time = arrivals[candidate]
        channel = candidate
      }
      if time == .max { break }
      now = time
      if channel >= 0 {
        serveBurst(of: channel)
      } else if requester >= 0 {
        grantRequest(of: requester)
      } else if gatherer >= 0 {
        gatherWord(of: gatherer)
      } else {
        ask(agent)
      }
      steps += 1
      if let progress, steps & 0x3fff == 0 { progress(now, ended) }
    }
    guard ended == schedule.instructions.count else { throw .deadlock(cycle: standstill, waiting: heads()) }
    for array in arrays { array.drain(into: &recorder) }
    for (index, channel) in channels.enumerated() {
      channel.drain(unit: agents.queue(ofChannel: index), into: &recorder)
    }
  }

  /// Works out when `agent` can next ask for its ports; leaves it alone when that is known already or can't be yet.
  mutating func arm(_ agent: Int) {
    guard ready[agent] < 0 else { return }
    let time: Int? =
      switch agents.kind(agent) {
      case .streamer(let engine): arrays[engine].streamerReady(tokens: tokens)
      case .loader(let engine): arrays[engine].loaderReady(tokens: tokens)
      case .vector: vectorReady()
      case .channel(let channel): channelReady(channel)
      }
    guard let time else { return }
    ready[agent] = time
    asks[agent] = time
  }

  private mutating func ask(_ agent: Int) {
    switch agents.kind(agent) {
    case .streamer(let engine):
      if accelerator.engines[engine].rowByRow {
        readRow(engine)
      } else if granted(agent, arrays[engine].streamerClaims) {
        startStream(engine)
      }
    case .loader(let engine):
      if arrays[engine].flushes {
        let free = arrays[engine].unflushed(now)
        if free > now {
          asks[agent] = free
          return
        }
      }
      if granted(agent, arrays[engine].loaderClaims) { startLoad(engine) }
    case .vector:
      if granted(agent, vectorClaims()) { startVector() }
    case .channel(let channel):
      if granted(agent, channelClaims(channel)) { startTransfer(channel) }
    }
  }

  /// Rule B3. When a bank is taken, the agent asks again when something there is released.
  private mutating func granted(_ agent: Int, _ claims: Claims) -> Bool {
    let retry = ports.retry(agent: agent, claims: claims, at: now)
    if retry <= now { return true }
    asks[agent] = retry
    return false
  }

  /// The agent has acted: it may be armed for its next action.
  mutating func acted(_ agent: Int) {
    ready[agent] = -1
    asks[agent] = .max
  }

  /// Rules G1, G3, M13: the instruction's results are visible from `end` on.
  ///
  /// - Parameter posts: Whether its tokens haven't been posted before.
  mutating func finish(_ instruction: Int, end: Int, posts: Bool = true) {
    recorder.end(instruction, at: end)
    ended += 1
    if posts { post(of: instruction, at: end, whenRead: false) }
  }

  /// - Parameter whenRead: Which of its tokens (rule G4).
  mutating func post(of instruction: Int, at time: Int, whenRead: Bool) {
    let queue = schedule.instructions[instruction].queue
    let posts = schedule.instructions[instruction].posts
    for post in posts where post.whenRead == whenRead {
      let visible = tokens.post(from: queue, to: post.to, slot: post.slot, count: post.count, at: time + post.delay)
      lastToken = max(lastToken, visible)
    }
    for post in posts where post.whenRead == whenRead {
      for agent in agents.agents(ofQueue: post.to) { arm(agent) }
    }
  }

  /// A transfer's end has become known: agents that were refused their ports ask again then, if not before.
  mutating func released(at time: Int) {
    for agent in asks.indices where ready[agent] >= 0 && asks[agent] > ready[agent] {
      asks[agent] = min(asks[agent], time)
    }
  }

  /// The first cycle in which nothing is under way any more: all ends, and all tiles that wait for their streamer in place.
  private var standstill: Int { arrays.reduce(max(recorder.cycles, lastToken)) { max($0, $1.lastInPlace) } }

  /// The first instruction of each queue that has not started, for the report of a deadlock.
  private func heads() -> [Int] {
    var heads: [Int] = []
    for array in arrays { if let head = array.head { heads.append(head) } }
    if let head = vector.head { heads.append(head) }
    for channel in channels { if let head = channel.head { heads.append(head) } }
    return heads
  }
}

/// Numbers the agents in the order of rule A1.
struct AgentMap {
  enum Kind {
    case streamer(Int), loader(Int), vector, channel(Int)
  }
  let engines: Int
  let channels: Int

  var count: Int { 2 * engines + 1 + channels }
  func streamer(_ engine: Int) -> Int { 2 * engine }
  func loader(_ engine: Int) -> Int { 2 * engine + 1 }
  var vector: Int { 2 * engines }
  func channel(_ channel: Int) -> Int { 2 * engines + 1 + channel }

  func kind(_ agent: Int) -> Kind {
    if agent < 2 * engines { return agent & 1 == 0 ? .streamer(agent >> 1) : .loader(agent >> 1) }
    return agent == 2 * engines ? .vector : .channel(agent - 2 * engines - 1)
  }

  func agents(ofQueue queue: Int) -> Range<Int> {
    queue < engines ? 2 * queue..<2 * queue + 2 : queue + engines..<queue + engines + 1
  }
  var vectorQueue: Int { engines }
  func queue(ofChannel channel: Int) -> Int { engines + 1 + channel }
}
