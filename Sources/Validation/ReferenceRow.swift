/// One row of a kind of reference table: a case and what somebody else's design or tool says about it.
///
/// A kind is one type that conforms, in a file of its own, and one line in `knownRows`.
protocol ReferenceRow: Sendable {
  static var kind: ReferenceKind { get }

  /// Reads the kind's columns and notes every mistake in `cells`; with one, the row is never used.
  init(_ cells: inout RecordDecoder)

  /// The case in a few words, for people.
  var label: String { get }
  /// Why the row can't be compared; `nil` when it can.
  var reasonToLeaveOut: String? { get }
  /// How near this row has to come: by default as near as its kind says.
  var target: ReferenceTarget { get }

  /// What decides the result: equal cases are computed once.
  associatedtype Case: Hashable & Sendable
  associatedtype Result: Sendable
  var input: Case { get }
  /// What vitsim says.
  static func result(of input: Case, on bench: Bench) throws -> Result
  /// What the row says beside `result`, one or more quantities.
  func comparisons(with result: Result) -> [Comparison]
}

extension ReferenceRow {
  var target: ReferenceTarget { Self.kind.target }
}

/// Every kind of table that is known.
let knownRows: [any ReferenceRow.Type] = [
  ScaleSimRow.self, IntegerFunctionRow.self, ITASoftmaxRow.self, ITAGELURow.self, AxisSARow.self,
  WeightStationaryRow.self, OutputStationaryRow.self, ITACoreRow.self, ITACoreScalingRow.self, ITACoreStallRow.self,
  ITACoreSegmentRow.self, ITAWrapperRow.self, ITAWrapperJobRow.self, GemminiDMARow.self, GemminiExecRow.self,
  GemminiGEMMRow.self,
  TrioViTRow.self,
]
