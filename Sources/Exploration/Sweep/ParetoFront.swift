import Analysis
import Hardware
import Schedule

/// A figure that counts for the Pareto front, and which way.
public struct SweepObjective: Sendable, Hashable {
  public let figure: DesignFigure
  public let maximize: Bool

  /// - Parameter maximize: by default what is better for a design.
  public init(_ figure: DesignFigure, maximize: Bool? = nil) {
    self.figure = figure
    self.maximize = maximize ?? figure.moreIsBetter
  }

  /// Reads `fps,dsp`, or `fps:min,dsp:max` for what is usually the worse.
  ///
  /// - Parameter mark: what mistakes are blamed on.
  /// - Throws: `DiagnosticError` with every mistake.
  public static func list(_ text: String, at mark: SourceMark) throws(DiagnosticError) -> [SweepObjective] {
    var mistakes: [Diagnostic] = []
    var objectives: [SweepObjective] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      let names = DesignFigure.allCases.map(\.rawValue)
      guard let figure = DesignFigure(rawValue: words[0]) else {
        mistakes.append(
          Diagnostic(
            mark, "unknown figure \(quoted(words[0]))", expected: alternatives(names),
            suggestion: didYouMean(words[0], among: names)))
        continue
      }
      if objectives.contains(where: { $0.figure == figure }) {
        mistakes.append(Diagnostic(mark, "\(quoted(words[0])) stands there twice"))
      }
      if words.count == 2, words[1] != "max", words[1] != "min" {
        mistakes.append(Diagnostic(mark, "unknown direction \(quoted(words[1]))", expected: "max or min"))
      }
      objectives.append(SweepObjective(figure, maximize: words.count == 2 ? words[1] == "max" : nil))
    }
    if let error = DiagnosticError(mistakes) { throw error }
    return objectives
  }

  /// Speed against area.
  public static let usual = [SweepObjective(.framesPerSecond), SweepObjective(.dsps)]
}

/// The points of which no other is at least as good in every objective and better in one.
enum ParetoFront {
  /// Indices into `points`: the fronts of all models and images, in the order of their first points; within each by the
  /// first objective, best first, then by the others, then by index.
  static func indices(of points: [SweepPoint], by objectives: [SweepObjective]) -> [Int] {
    var groups: [Work: [Candidate]] = [:]
    var order: [Work] = []
    for (index, point) in points.enumerated() {
      guard let model = point.model, let costs = costs(of: point, by: objectives) else { continue }
      let work = Work(name: model.name, image: model.image)
      if groups[work] == nil { order.append(work) }
      groups[work, default: []].append(Candidate(index: index, costs: costs))
    }
    return order.flatMap { front(of: groups[$0] ?? []) }
  }

  /// Batches of one model compete; models and images are different work.
  private struct Work: Hashable {
    var name: String
    var image: Int
  }

  private struct Candidate {
    var index: Int
    /// The less, the better.
    var costs: [Double]

    func dominates(_ other: Candidate) -> Bool {
      costs != other.costs && zip(costs, other.costs).allSatisfy { $0 <= $1 }
    }
  }

  private static func costs(of point: SweepPoint, by objectives: [SweepObjective]) -> [Double]? {
    guard let figures = point.figures, !objectives.isEmpty else { return nil }
    var costs: [Double] = []
    for objective in objectives {
      guard let value = figures[objective.figure] else { return nil }
      costs.append(objective.maximize ? -value : value)
    }
    return costs
  }

  /// In lexicographic order only points that came before can dominate a point, and if one does, then one of the front:
  /// at most n·(length of the front) comparisons, mostly one each, since the last of the front is asked first.
  private static func front(of candidates: [Candidate]) -> [Int] {
    let sorted = candidates.sorted {
      $0.costs == $1.costs ? $0.index < $1.index : $0.costs.lexicographicallyPrecedes($1.costs)
    }
    var front: [Candidate] = []
    for candidate in sorted where !front.reversed().contains(where: { $0.dominates(candidate) }) {
      front.append(candidate)
    }
    return front.map(\.index)
  }
}
