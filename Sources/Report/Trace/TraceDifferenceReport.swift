/// Two traces side by side, as text or JSON (docs/output.md).
public struct TraceDifferenceReport: Sendable {
  private let left: TraceFile
  private let difference: TraceDifference?
  private let names: (left: String, right: String)

  /// - Parameter names: where the traces come from.
  public init(_ left: TraceFile, _ right: TraceFile, names: (String, String)) {
    self.left = left
    self.names = names
    difference = left.difference(to: right)
  }

  public var isSame: Bool { difference == nil }

  /// The first difference, or that there is none.
  public var text: String {
    difference?.text(leftName: names.left, rightName: names.right)
      ?? "no difference: \(left.events.count) events, \(left.cycles) cycles\n"
  }

  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-trace-difference")), ("version", .integer(1)), ("left", .string(names.left)),
      ("right", .string(names.right)), ("same", .boolean(isSame)),
      ("event", difference?.index.map(JSON.integer) ?? .null),
      ("left_event", difference?.left.map(Self.json) ?? .null),
      ("right_event", difference?.right.map(Self.json) ?? .null),
      ("notes", .array(difference?.notes.map(JSON.string) ?? [])),
    ]).text
  }

  private static func json(_ event: TraceFile.Event) -> JSON {
    .object([
      ("cycle", .integer(event.cycle)), ("unit", .string(event.unit)), ("event", .string(event.kind)),
      ("instruction", .integer(event.instruction)), ("detail", .integer(event.detail)),
      ("layer", .string(event.layer)),
    ])
  }
}
