/// Gemmini's hardware loop before the reservation station, cycle by cycle, as far as the order of commands goes: two loops at a time,
/// each with units that give out its loads of A, B and the bias, its pairs of a preload and a compute command, and its stores; one
/// command a cycle, as long as the station has room.
///
/// When commands are done comes from a run of the machine.
struct GemminiLoopUnit {
  /// In the order of the units; of two that can give out a command the later one does, but for A and B.
  enum Source: Int, CaseIterable { case a, b, bias, tiles, stores }

  /// By source, in the order in which commands are given out: the cycle in which each leaves the station.
  typealias Completions = [[Int]]

  private struct Unit {
    var isBusy = false
    var loop = 0
    /// Which of the two places its loop has, or had.
    var place = 0
    var i = 0
    var j = 0
    var k = 0
    /// The compute command of a pair is next.
    var isCompute = false

    /// Moves on along one index; whether it begins again.
    static func step(_ index: inout Int, by width: Int, of count: Int) -> Bool {
      index = index + width < count ? index + width : 0
      return index == 0
    }
  }

  /// One of the two loops at a time.
  private struct Place {
    var loop = 0
    var isConfigured = false
    var isRunning = false
    var hasStarted = [false, false, false, false, false]
    var isDone = [false, false, false, false, false]
  }

  /// Commands that the station holds: loads, preloads and computes, stores.
  private static let room = [8, 16, 4]
  /// Commands before the first loop, and of each loop.
  private static let commandsBefore = 5
  private static let commandsOfLoop = 6

  private let loops: [GemminiLoop]
  private let gap: Int
  private let completions: Completions
  private var units = [Unit](repeating: Unit(), count: 5)
  private var places = [Place(), Place()]
  private var head = 0
  /// Commands in the station by kind, and how many leave it in a cycle; commands given out by each unit.
  private var held = [0, 0, 0]
  private var leaving: [[Int: Int]] = [[:], [:], [:]]
  private var given = [0, 0, 0, 0, 0]
  /// Loads of A and B given out, by loop.
  private var operandsGiven: [Int]
  /// Commands in three queues of two each before the units, oldest first, by number; the next one, and when it may come.
  private var queues: [[Int]] = [[], [], []]
  private var next = 0
  private var mayCome = 0
  /// By loop: how many loads of A and B of the loop before were given out before its bias.
  private(set) var biasAfter: [Int]

  init(_ loops: [GemminiLoop], gap: Int, completions: Completions) {
    self.loops = loops
    self.gap = gap
    self.completions = completions
    operandsGiven = Array(repeating: 0, count: loops.count)
    biasAfter = operandsGiven
    let commands = Self.commandsBefore + Self.commandsOfLoop * loops.count
    // Every command of a run is done some time, so that the loops come to an end.
    let limit = (completions.joined().max() ?? 0) + 64 * commands * (gap + 1)
    var now = 0
    while now < limit, next < commands || !queues.allSatisfy(\.isEmpty) || places.contains(where: \.isConfigured) {
      step(now, commands: commands)
      now += 1
    }
  }

  // MARK: A cycle

  /// All decisions are taken by what was there when the cycle began.
  private mutating func step(_ now: Int, commands: Int) {
    let (unitsBefore, placesBefore, headBefore) = (units, places, head)
    if placesBefore.contains(where: \.isConfigured), let source = giver { give(source, now) }
    for source in Source.allCases where unitsBefore[source.rawValue].isBusy && !has(source) {
      units[source.rawValue].isBusy = false
    }
    takeCommands(now, commands, placesBefore, headBefore)
    for kind in held.indices { held[kind] -= leaving[kind].removeValue(forKey: now) ?? 0 }
    for source in Source.allCases { start(source, unitsBefore, placesBefore, headBefore) }
    for (unit, before) in unitsBefore.enumerated() where !before.isBusy {
      let place = placesBefore[before.place]
      if place.isRunning, place.hasStarted[unit] { places[before.place].isDone[unit] = true }
    }
    if placesBefore[headBefore].isRunning, placesBefore[headBefore].isDone.allSatisfy({ $0 }) {
      places[headBefore] = Place()
      head = 1 - headBefore
    }
  }

  /// A unit that isn't busy begins with the older loop that it hasn't begun.
  private mutating func start(_ source: Source, _ units: [Unit], _ places: [Place], _ head: Int) {
    let unit = source.rawValue
    let number = places[head].hasStarted[unit] ? 1 - head : head
    let place = places[number]
    guard place.isConfigured, !place.hasStarted[unit], !units[unit].isBusy else { return }
    switch source {
    case .a, .b, .bias: break
    case .tiles: guard place.hasStarted[..<Source.tiles.rawValue].allSatisfy({ $0 }) else { return }
    case .stores: guard place.hasStarted[Source.tiles.rawValue] else { return }
    }
    self.places[number].isRunning = true
    self.places[number].hasStarted[unit] = true
    self.units[unit] = Unit(isBusy: true, loop: place.loop, place: number)
  }

  /// Commands move through the queues to the loops' places.
  private mutating func takeCommands(_ now: Int, _ commands: Int, _ places: [Place], _ head: Int) {
    let counts = queues.map(\.count)
    if let command = queues[2].first {
      let number = places[head].isConfigured ? 1 - head : head
      let position = command - Self.commandsBefore
      if position < 0 {
        queues[2].removeFirst()
      } else if !places[number].isConfigured {
        queues[2].removeFirst()
        if position % Self.commandsOfLoop == Self.commandsOfLoop - 1 {
          self.places[number].isConfigured = true
          self.places[number].loop = position / Self.commandsOfLoop
        }
      }
    }
    for queue in [1, 0] where counts[queue] > 0 && counts[queue + 1] < 2 {
      queues[queue + 1].append(queues[queue].removeFirst())
    }
    if next < commands, counts[0] < 2, now >= mayCome {
      queues[0].append(next)
      next += 1
      mayCome = now + 1 + gap
    }
  }

  // MARK: Giving out commands

  /// The unit whose command goes out now.
  private var giver: Source? {
    for source in [Source.stores, .tiles, .bias] where mayGive(source) { return source }
    let (a, b) = (units[0], units[1])
    let takesB: Bool
    if a.place != b.place {
      takesB = b.place == head
    } else if !a.isBusy || !b.isBusy {
      takesB = !a.isBusy
    } else {
      takesB = a.k > b.k || b.k == 0 && b.j == 0
    }
    let source = takesB ? Source.b : .a
    return mayGive(source) ? source : nil
  }

  private func has(_ source: Source) -> Bool {
    let loop = loops[units[source.rawValue].loop]
    return source == .bias ? loop.loadsBias : source == .stores ? loop.stores : true
  }

  private static func kind(_ source: Source) -> Int { max(0, source.rawValue - 2) }

  private func mayGive(_ source: Source) -> Bool {
    let unit = units[source.rawValue]
    guard unit.isBusy, has(source), held[Self.kind(source)] < Self.room[Self.kind(source)] else { return false }
    let loop = loops[unit.loop]
    /// The unit of `source` has left this loop.
    func isPast(_ source: Source) -> Bool {
      let other = units[source.rawValue]
      return !other.isBusy || other.place != unit.place
    }
    switch source {
    case .a, .b, .bias: return true
    case .tiles:
      let (a, b) = (units[0], units[1])
      return isPast(.bias) && (isPast(.a) || a.k > unit.k || a.k == unit.k && a.i > unit.i)
        // The RTL compares with A's block along K here, too.
        && (isPast(.b) || b.k > unit.k || a.k == unit.k && b.j > unit.j)
    case .stores:
      let tiles = units[Source.tiles.rawValue]
      let end = unit.j + min(storeWidth(loop), loop.j - unit.j)
      return isPast(.tiles)
        || tiles.k == loop.k - 1 && (tiles.j >= end || tiles.j == end - 1 && tiles.i > unit.i)
    }
  }

  private func storeWidth(_ loop: GemminiLoop) -> Int { loop.isWide ? 1 : min(loop.j, GemminiLoop.most) }

  private mutating func give(_ source: Source, _ now: Int) {
    let number = source.rawValue
    let unit = units[number]
    let kind = Self.kind(source)
    if source == .bias, unit.i == 0, unit.j == 0, unit.loop > 0 {
      biasAfter[unit.loop] = operandsGiven[unit.loop - 1]
    }
    if source == .a || source == .b { operandsGiven[unit.loop] += 1 }
    let done = given[number] < completions[number].count ? completions[number][given[number]] : 0
    leaving[kind][max(done, now + 1), default: 0] += 1
    held[kind] += 1
    given[number] += 1
    advance(source)
  }

  private mutating func advance(_ source: Source) {
    var unit = units[source.rawValue]
    let loop = loops[unit.loop]
    let most = GemminiLoop.most
    var isOver: Bool
    switch source {
    case .a:
      let across = loop.transposesA
      isOver = Unit.step(&unit.i, by: across ? min(loop.i, most) : 1, of: loop.i)
      if isOver { isOver = Unit.step(&unit.k, by: across ? 1 : min(loop.k, most), of: loop.k) }
    case .b:
      let across = loop.transposesB
      isOver = Unit.step(&unit.j, by: across ? 1 : min(loop.j, most), of: loop.j)
      if isOver { isOver = Unit.step(&unit.k, by: across ? min(loop.k, most) : 1, of: loop.k) }
    case .bias, .stores:
      isOver = Unit.step(&unit.i, by: 1, of: loop.i)
      if isOver { isOver = Unit.step(&unit.j, by: source == .bias ? 1 : storeWidth(loop), of: loop.j) }
    case .tiles:
      unit.isCompute.toggle()
      isOver = !unit.isCompute && Unit.step(&unit.i, by: 1, of: loop.i)
      if isOver { isOver = Unit.step(&unit.j, by: 1, of: loop.j) }
      if isOver { isOver = Unit.step(&unit.k, by: 1, of: loop.k) }
    }
    unit.isBusy = !isOver
    units[source.rawValue] = unit
  }
}
