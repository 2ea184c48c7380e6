import Hardware
import HardwareYAML

/// What a sweep's file asks for: a base, what varies, and the models (docs/sweep.md).
public struct SweepDescription: Sendable, Hashable {
  public enum Base: Sendable, Hashable {
    /// The path of a configuration, relative to the sweep's file.
    case path(String, SourceMark)
    case inline(ConfigNode)
  }

  public let name: String
  public let base: Base
  /// Each a value of `model`; empty: the base's model.
  public let models: [ConfigNode]
  /// Every combination of them is a point, the last varying fastest.
  public let axes: [SweepAxis]
  /// Points besides those of the axes.
  public let list: [[Override]]

  /// More points are several sweeps.
  public static let pointLimit = 100_000
  static let modelLimit = 64

  init(name: String, base: Base, models: [ConfigNode], axes: [SweepAxis], list: [[Override]]) {
    self.name = name
    self.base = base
    self.models = models
    self.axes = axes
    self.list = list
  }

  /// Points of the grid: without axes none, unless there is no list either.
  private var gridCount: Int {
    axes.isEmpty ? (list.isEmpty ? 1 : 0) : axes.reduce(1) { $0 * $1.values.count }
  }

  /// Points of one model.
  private var variants: Int { gridCount + list.count }

  /// Points in all; at most `pointLimit`.
  public var count: Int { variants * max(1, models.count) }

  /// The paths that vary, in the order of the file; not the models.
  public var paths: [String] {
    var seen = Set<String>()
    let all = axes.flatMap(\.paths) + list.flatMap { $0.map(\.path) }
    return all.filter { seen.insert($0).inserted }
  }

  /// What point `index`, from 0, sets: its model first if the file lists models, then its place in grid or list.
  public func overrides(at index: Int) -> [Override] {
    let variant = index % variants
    let model = models.isEmpty ? [] : [Override(path: "model", value: models[index / variants])]
    return model + settings(ofVariant: variant)
  }

  /// What point `index` sets besides the model, by path.
  func settings(at index: Int) -> [Override] { settings(ofVariant: index % variants) }

  private func settings(ofVariant variant: Int) -> [Override] {
    if variant >= gridCount { return list[variant - gridCount] }
    var (rest, parts) = (variant, [[Override]]())
    for axis in axes.reversed() {
      parts.append(axis.overrides(at: rest % axis.values.count))
      rest /= axis.values.count
    }
    return parts.reversed().flatMap { $0 }
  }
}

/// One path that varies, or several that move together.
public struct SweepAxis: Sendable, Hashable {
  public let paths: [String]
  /// For each step a value a path.
  public let values: [[ConfigNode]]

  func overrides(at step: Int) -> [Override] { zip(paths, values[step]).map { Override(path: $0, value: $1) } }
}
