extension TraceFile {
  /// The events that `isShown` accepts, in aligned columns.
  public func table(where isShown: (Event) -> Bool) -> String {
    var table = TextTable([
      ("cycle", .right), ("unit", .left), ("event", .left), ("instruction", .right), ("detail", .right),
      ("layer", .left),
    ])
    for event in events where isShown(event) {
      table.add([
        String(event.cycle), event.unit, event.kind, String(event.instruction), String(event.detail), event.layer,
      ])
    }
    return table.lines.joined(separator: "\n") + "\n"
  }
}
