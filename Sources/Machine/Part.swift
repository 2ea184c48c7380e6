/// The named parts into which every cycle of every unit falls (docs/timing.md, "Where the cycles go").
public enum Part: Int, Sendable, Hashable, CaseIterable {
  /// Useful work: a step enters the array, a beat moves, a group of lanes issues.
  case busy
  /// A step, beat or group held up because a buffer's word is narrower than it, or the array takes no step so soon.
  case narrow
  /// From the start of a stream to its first step at the array's edge, or to a vector unit's first group.
  case fill
  /// Loading the stationary operand where no running tile hides it.
  case load
  /// Results leave while nothing enters.
  case drain
  /// An accumulating tile waits for the accumulator's read-modify-write.
  case turnaround
  /// The vector unit's pipeline between passes and after the last.
  case latency
  case divide
  case squareRoot
  /// A DMA descriptor is taken and decoded.
  case setup
  /// Tokens not yet there, by what makes them: weights or inputs from DRAM, the vector unit, a matrix engine, a store.
  case waitWeights, waitInput, waitVector, waitMatrix, waitStore
  /// The next step's operands aren't offered yet (`stream-duty`).
  case waitOffer
  /// The results of earlier steps haven't been taken (`output-fifo`).
  case waitResults
  /// The tile hasn't been issued yet (`issue-latency`, `issue-interval`).
  case waitIssue
  /// A buffer port is taken by another unit.
  case waitPort
  /// Bursts are under way but no beat moves.
  case waitDRAM
  /// Nothing left to do.
  case idle

  /// The name in reports, traces and tests, the same everywhere.
  public var name: String {
    switch self {
    case .busy: "busy"
    case .narrow: "narrow"
    case .fill: "fill"
    case .load: "load"
    case .drain: "drain"
    case .turnaround: "turnaround"
    case .latency: "latency"
    case .divide: "divide"
    case .squareRoot: "sqrt"
    case .setup: "setup"
    case .waitWeights: "wait.weights"
    case .waitInput: "wait.input"
    case .waitVector: "wait.vector"
    case .waitMatrix: "wait.matrix"
    case .waitStore: "wait.store"
    case .waitOffer: "wait.offer"
    case .waitResults: "wait.results"
    case .waitIssue: "wait.issue"
    case .waitPort: "wait.port"
    case .waitDRAM: "wait.dram"
    case .idle: "idle"
    }
  }
}

/// Cycles by part; the sum over all parts is the length of the interval that it describes.
public struct CycleStack: Sendable, Hashable {
  /// Indexed by `Part.rawValue`.
  public var cycles: [Int]

  init(_ cycles: some Sequence<Int>) { self.cycles = Array(cycles) }
  public init() { cycles = Array(repeating: 0, count: Part.allCases.count) }

  public subscript(part: Part) -> Int {
    get { cycles[part.rawValue] }
    set { cycles[part.rawValue] = newValue }
  }

  public var total: Int { cycles.reduce(0, +) }

  public static func += (left: inout CycleStack, right: CycleStack) {
    for part in left.cycles.indices { left.cycles[part] += right.cycles[part] }
  }
}
