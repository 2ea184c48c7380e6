/// Words that transfers write into buffers from which an engine reads row by row (rule M28): when each takes a port of its banks.
struct WordTable {
  /// Ports of each bank.
  private let ports: [Int]
  /// By bank: cycles of the words that may still be asked for, in order, and where they begin.
  private var cycles: [[Int]]
  private var first: [Int]
  /// By bank: rows that were read in a cycle, and which it is.
  private var rows: [Int]
  private var rowCycle: [Int]

  init(ports: [Int]) {
    self.ports = ports
    cycles = Array(repeating: [], count: ports.count)
    first = Array(repeating: 0, count: ports.count)
    rows = Array(repeating: 0, count: ports.count)
    rowCycle = Array(repeating: -1, count: ports.count)
  }

  mutating func write(_ banks: ClosedRange<Int>, at cycle: Int) {
    for bank in banks {
      var place = cycles[bank].count
      // Those of several channels may overtake one another.
      while place > first[bank], cycles[bank][place - 1] > cycle { place -= 1 }
      cycles[bank].insert(cycle, at: place)
    }
  }

  /// Takes a port of each of `banks` for a row in cycle `now`, if all have one left. Cycles are asked for in order.
  mutating func take(_ banks: ClosedRange<Int>, at now: Int) -> Bool {
    for bank in banks where taken(bank, now) >= ports[bank] { return false }
    for bank in banks {
      if rowCycle[bank] != now { (rowCycle[bank], rows[bank]) = (now, 0) }
      rows[bank] += 1
    }
    return true
  }

  /// Whether no word takes a port of `banks` in cycle `now`. Cycles are asked for in order.
  mutating func isFree(_ banks: ClosedRange<Int>, at now: Int) -> Bool {
    for bank in banks where taken(bank, now) > 0 { return false }
    return true
  }

  private mutating func taken(_ bank: Int, _ now: Int) -> Int {
    var place = first[bank]
    while place < cycles[bank].count, cycles[bank][place] < now { place += 1 }
    if place > 1024 {
      cycles[bank].removeFirst(place)
      place = 0
    }
    first[bank] = place
    var count = rowCycle[bank] == now ? rows[bank] : 0
    while place < cycles[bank].count, cycles[bank][place] == now {
      count += 1
      place += 1
    }
    return count
  }
}
