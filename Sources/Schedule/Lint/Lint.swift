import Hardware

/// Something that is wrong with a schedule, found without running it.
public struct LintFinding: Error, Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A number that refers to no unit, buffer, layer or operator.
    case index
    /// The table of tensors, layers or operators contradicts itself or the model.
    case table
    /// An instruction on a unit that can't execute it.
    case unit
    /// An operand in a buffer that the engine doesn't reach.
    case buffer
    /// A region that goes beyond its buffer.
    case overflow
    /// A DRAM region that isn't inside one tensor, or a store to a tensor that is only read.
    case dram
    /// Sizes that don't fit each other.
    case shape
    /// A stage that doesn't say what it computes, or something that it can't compute.
    case values
    /// A token with a slot that its taker doesn't have, or an impossible count.
    case token
    /// Instructions that wait for tokens that never come.
    case deadlock
    /// Tokens that nobody takes.
    case leftover
    /// A read of bytes that nothing has written.
    case unwritten
    /// Two accesses to the same bytes, one of them a write, that no tokens put in order.
    case race
    /// Accumulators that hold another operator's results than they should, or results overwritten before they are read.
    case results
    /// An operator whose work isn't done, or is done more than once.
    case work
    /// An output tensor that isn't stored completely.
    case output
    /// Too large to be checked within the bounds on memory, or to be counted: nothing is proved.
    case unproved
  }

  public var kind: Kind
  /// Index into `Schedule.instructions`, where one instruction is to blame.
  public var instruction: Int?
  /// Index into `Schedule.layers`.
  public var layer: Int?
  /// What is wrong, with its numbers, and what to do.
  public var message: String

  public init(_ kind: Kind, instruction: Int? = nil, layer: Int? = nil, _ message: String) {
    self.kind = kind
    self.instruction = instruction
    self.layer = layer
    self.message = message
  }
}

extension LintFinding: CustomStringConvertible {
  /// `instruction 12: race: …`.
  public var description: String {
    let place = instruction.map { "instruction \($0): " } ?? layer.map { "layer \($0): " } ?? ""
    return "\(place)\(kind.rawValue): \(message)"
  }
}

/// Proves of a schedule, before any cycle is run, that it can be executed and computes what its tables promise
/// (docs/schedule.md says what is proved and how).
///
/// ```swift
/// for finding in Lint.check(schedule) { print(finding) }
/// ```
public enum Lint {
  /// Findings after which the search ends.
  public static let limit = 100

  /// Every mistake in `schedule`, up to `limit`; none means that the proof is complete.
  public static func check(_ schedule: Schedule) -> [LintFinding] {
    var linter = Linter(schedule)
    linter.run()
    return linter.findings
  }

  /// As `check(_:)`, and compares the schedule's table of operators with the model's.
  public static func check(_ schedule: Schedule, against operators: [OperatorInfo]) -> [LintFinding] {
    var linter = Linter(schedule)
    linter.compareOperators(with: operators)
    linter.run()
    return linter.findings
  }
}

/// The state of one check; each kind of check is an extension in a file of its own.
struct Linter {
  let schedule: Schedule
  let queues: [Queue]
  let hasArithmetic: Bool
  private(set) var findings: [LintFinding] = []
  /// Cleared when an index, region or token is such that later checks can't rely on it.
  var regionsAreSound = true
  var tokensAreSound = true
  var work: Work
  /// Rows of different regions from which on the memories' windows end with a layer.
  var windowRows = 1 << 12
  private let names: TextWriter

  init(_ schedule: Schedule) {
    self.schedule = schedule
    queues = schedule.accelerator.queues
    hasArithmetic = schedule.hasArithmetic
    work = Work(operators: schedule.operators.count)
    names = TextWriter(schedule.accelerator)
  }

  mutating func run() {
    checkTables()
    checkArithmetic()
    checkInstructions()
    checkWork()
    checkLength()
    guard tokensAreSound, let order = checkTokens(), regionsAreSound else { return }
    checkMemory(order)
  }

  var isFull: Bool { findings.count >= Lint.limit }

  mutating func add(_ kind: LintFinding.Kind, _ instruction: Int? = nil, _ message: String) {
    if isFull { return }
    let layer = instruction.map { schedule.instructions[$0].layer }
    findings.append(LintFinding(kind, instruction: instruction, layer: layer, message))
  }

  mutating func add(_ kind: LintFinding.Kind, layer: Int, _ message: String) {
    if isFull { return }
    findings.append(LintFinding(kind, layer: layer, message))
  }

  // MARK: Words for messages

  func name(ofQueue queue: Int) -> String { queues[queue].name }

  func text(_ region: Region) -> String {
    var writer = names
    writer.region(region)
    return writer.text
  }

  func text(_ region: DRAMRegion) -> String {
    var writer = names
    writer.region(region)
    return writer.text
  }
}

/// The product, or `nil` where it overflows.
func checkedProduct(_ factors: Int...) -> Int? {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    product = next
  }
  return product
}

/// The sum, or `Int.max` where it overflows.
func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}
