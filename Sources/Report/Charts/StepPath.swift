/// The outline of what lies under a step function, in whole units from the top down, as the data of an SVG path.
///
/// Equal neighbours are one step, so that a path is as long as its function has changes.
enum StepPath {
  /// - Parameters:
  ///   - tops: Of each column, one unit wide: its height over the ground, in units.
  ///   - height: Of the picture: the ground is there.
  static func area(_ tops: [Int], height: Int) -> String {
    guard tops.contains(where: { $0 > 0 }) else { return "" }
    var data = "M0 \(height)"
    var level = 0
    var run = 0
    for top in tops {
      if top != level {
        if run > 0 { data += "h\(run)" }
        data += "v\(level - top)"
        level = top
        run = 0
      }
      run += 1
    }
    return data + "h\(run)V\(height)z"
  }
}
