/// Registers of one kind and one unit: an array of INT32 in the register file (docs/cosimulation.md).
public struct RegisterGroup: Sendable, Hashable {
  /// Unit and kind, such as `array.sum`.
  public var name: String
  /// Outermost first; `[0]` if the unit has none.
  public var dimensions: [Int]
  /// What the dimensions count: `row`, `column` …; empty where it isn't said.
  public var axes: [String]
  /// Names of the registers of a group with one dimension, where they are different things.
  public var labels: [String]

  public init(_ name: String, _ dimensions: [Int], axes: [String] = [], labels: [String] = []) {
    self.name = name
    self.dimensions = dimensions
    self.axes = axes
    self.labels = labels
  }

  public var count: Int { dimensions.reduce(1, *) }

  /// Register `index` of the group, as a report names it: `array.sum[row 3, column 7]`, `vector.control[divider]`. Axes of one
  /// place are left out.
  public func title(of index: Int) -> String {
    if labels.indices.contains(index) { return "\(name)[\(labels[index])]" }
    let parts = coordinates(of: index).enumerated().compactMap { axis, place -> String? in
      if dimensions[axis] == 1, dimensions.count > 1,
        !["row", "column"].contains(axes.indices.contains(axis) ? axes[axis] : "")
      {
        return nil
      }
      return axes.indices.contains(axis) ? "\(axes[axis]) \(place)" : "\(place)"
    }
    return "\(name)[\(parts.joined(separator: ", "))]"
  }

  /// Place `index` of the group, as `[0, 3, 0, 7]`.
  public func coordinates(of index: Int) -> [Int] {
    var rest = index
    return dimensions.reversed().map { size in
      defer { rest /= max(1, size) }
      return rest % max(1, size)
    }.reversed()
  }
}

extension [RegisterGroup] {
  /// Registers of all groups.
  public var registers: Int { reduce(0) { $0 + $1.count } }

  /// The group that register `index` of the file belongs to, and its place there.
  public func place(of index: Int) -> (group: RegisterGroup, index: Int)? {
    var first = 0
    for group in self {
      if index < first + group.count { return index < first ? nil : (group, index - first) }
      first += group.count
    }
    return nil
  }
}
