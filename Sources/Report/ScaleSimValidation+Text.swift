import Analysis

extension ScaleSimValidation {
  /// A line for each row that differs, for each reason to leave rows out, and a summary.
  public var text: String {
    var lines = mismatches.map { mismatch in
      let row = mismatch.row
      let what = "\(row.mark): \(row.model) \(row.layer), M \(row.m), N \(row.n), K \(row.k), "
      var differences: [String] = []
      if mismatch.cyclesDiffer { differences.append("cycles \(mismatch.cycles), expected \(row.cycles)") }
      if mismatch.utilisationDiffers {
        differences.append("utilisation \(NumberText.fixed(mismatch.utilisation, 6)), expected \(row.utilisation)")
      }
      return what + "\(row.arrayRows)x\(row.arrayColumns) \(row.dataflow.rawValue): "
        + differences.joined(separator: "; ")
    }
    let reasons = Dictionary(grouping: leftOut, by: \.reason).sorted { $0.key < $1.key }
    lines += reasons.map { reason, rows in
      "left out: \(rows.count) rows, the first in line \(rows.first?.row.mark.line ?? 0): \(reason)"
    }
    lines.append("\(compared) rows compared, \(mismatches.count) mismatches, \(leftOut.count) left out")
    return lines.joined(separator: "\n") + "\n"
  }
}
