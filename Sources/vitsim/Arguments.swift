import Analysis
import ArgumentParser
import Foundation
import Hardware

/// Cycles from the first to the last, exclusive: `1000:2000`.
struct CycleWindow: ExpressibleByArgument {
  let cycles: Range<Int>

  init?(argument: String) {
    let ends = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], 0 <= first, first < last else { return nil }
    cycles = first..<last
  }

  /// - Throws: `CommandFailure` if none of the cycles is one of the run's.
  func check(_ option: String, against cycles: Int) throws(CommandFailure) {
    if self.cycles.lowerBound < cycles { return }
    throw CommandFailure(
      .badInput,
      "\(option) begins in cycle \(self.cycles.lowerBound), but the run has \(cycles): choose a window before its end")
  }
}

/// Names with `*`, between commas: `array,dma.*`.
struct NameList: ExpressibleByArgument {
  let patterns: [NamePattern]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard !parts.contains(where: \.isEmpty) else { return nil }
    patterns = parts.map { NamePattern($0) }
  }

  /// - Throws: `CommandFailure` with the first pattern that no name matches.
  func check(_ option: String, against names: [String]) throws(CommandFailure) {
    guard let idle = patterns.first(where: { pattern in !names.contains { pattern.matches($0) } }) else { return }
    let hint = didYouMean(idle.description, among: names).map { "; did you mean \(quoted($0))?" } ?? ""
    throw CommandFailure(
      .badInput,
      "\(option): nothing is called \(quoted(idle.description)): there are \(names.joined(separator: ", "))\(hint)")
  }
}
