/// The candidate that differs from `name` in the fewest letters, if it is near enough to have been meant.
func nearest(to name: String, in candidates: [String]) -> String? {
  let typed = Array(name.lowercased().unicodeScalars.prefix(64))
  let ranked = candidates.map { ($0, distance(typed, Array($0.lowercased().unicodeScalars))) }
  guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, best.0.count / 3) else { return nil }
  return best.0
}

/// Levenshtein distance: insertions, deletions and replacements from one to the other.
private func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let replaced = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    }
  }
  return row[right.count]
}
