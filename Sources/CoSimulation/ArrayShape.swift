/// The array that a library is asked for: what it has to agree on with the engine whose grid it follows.
public struct ArrayShape: Hashable, Sendable {
  public var rows: Int
  public var columns: Int
  /// Registers in the path of a partial sum through a PE (`pe-registers`).
  public var peRegisters: Int
  /// Bits of an operand: 8, or 9 where a zero point is subtracted from one.
  public var operandBits: Int
  /// The next tile's operand is loaded beside the one in use (`shadow-weights`).
  public var hasShadow: Bool

  public init(rows: Int, columns: Int, peRegisters: Int = 1, operandBits: Int = 8, hasShadow: Bool = true) {
    self.rows = rows
    self.columns = columns
    self.peRegisters = peRegisters
    self.operandBits = operandBits
    self.hasShadow = hasShadow
  }
}

/// Registers of one kind, as an array shows them: a stretch of its list of registers.
public struct ArrayGroup: Hashable, Sendable {
  /// `a`, `w`, `shadow`, `pass` or `sum`.
  public let name: String
  /// Rows and columns; of `sum`, the registers of a PE's path before them.
  public let dimensions: [Int]
  /// Where they stand in `RTLArray.registers`.
  public let range: Range<Int>

  /// The groups that `names` says, one after the other; `nil` if one isn't a group of such an array or comes twice.
  static func layout(_ names: [Substring], of shape: ArrayShape) -> [ArrayGroup]? {
    let known = ["a", "w", "pass", "sum"] + (shape.hasShadow ? ["shadow"] : [])
    guard !names.isEmpty, Set(names).count == names.count else { return nil }
    var groups: [ArrayGroup] = []
    for name in names {
      guard known.contains(String(name)) else { return nil }
      let dimensions = (name == "sum" ? [shape.peRegisters] : []) + [shape.rows, shape.columns]
      let first = groups.last?.range.upperBound ?? 0
      groups.append(
        ArrayGroup(
          name: String(name), dimensions: dimensions, range: first..<first + dimensions.reduce(1, *)))
    }
    return groups
  }
}

/// What enters the edges of an array in one cycle.
public struct ArrayEdges: Sendable {
  /// A step of the streamed operand.
  public struct Step: Sendable {
    /// It is the first of a tile.
    public var isFirst: Bool
    /// An operand for each row.
    public var left: [Int16]
    /// What the sums begin with, for each column; `nil`: zeros.
    public var bias: [Int32]?

    public init(isFirst: Bool, left: [Int16], bias: [Int32]? = nil) {
      self.isFirst = isFirst
      self.left = left
      self.bias = bias
    }
  }

  /// `nil`: zeros enter.
  public var step: Step?
  /// A row of the stationary operand, for each column; `nil`: the loading chain stands.
  public var load: [Int16]?

  public init(step: Step? = nil, load: [Int16]? = nil) {
    self.step = step
    self.load = load
  }
}
