import Hardware
import Machine

/// The machine in SCALE-Sim mode, compared with a table of SCALE-Sim's own results.
public struct ScaleSimValidation: Sendable {
  /// A row for which the machine says something else.
  public struct Mismatch: Sendable, Hashable {
    public let row: ScaleSimRow
    /// In the tool's terms: the index of the machine's last cycle.
    public let cycles: Int
    /// In percent, of those cycles; unlimited for a run of one cycle.
    public let utilisation: Double
    public let cyclesDiffer: Bool
    public let utilisationDiffers: Bool
  }

  /// Rows that were run and compared.
  public private(set) var compared = 0
  public private(set) var mismatches: [Mismatch] = []
  /// Rows left out, with the reason.
  public private(set) var leftOut: [(row: ScaleSimRow, reason: String)] = []

  private struct Shape: Hashable { let m, n, k, rows, columns: Int, dataflow: Dataflow }

  /// Runs every row that can be compared on the event engine; equal shapes run once.
  ///
  /// - Parameter progress: called with the number of rows done before each row, and now and then within a long one.
  public init(_ rows: [ScaleSimRow], progress: @escaping @Sendable (Int) -> Void = { _ in }) throws(MachineError) {
    var known: [Shape: Int] = [:]
    for (index, row) in rows.enumerated() {
      progress(index)
      if let reason = row.reasonToLeaveOut {
        leftOut.append((row, reason))
        continue
      }
      let shape = Shape(
        m: row.m, n: row.n, k: row.k, rows: row.arrayRows, columns: row.arrayColumns, dataflow: row.dataflow)
      let total: Int
      if let before = known[shape] {
        total = before
      } else {
        let accelerator = ScaleSim.accelerator(rows: row.arrayRows, columns: row.arrayColumns, dataflow: row.dataflow)
        total = try Simulator.run(
          ScaleSim.schedule(m: row.m, k: row.k, n: row.n, on: accelerator),
          options: RunOptions(progress: { _, _ in progress(index) })
        ).cycles
        known[shape] = total
      }
      compared += 1
      if let mismatch = Mismatch(row, total: total) { mismatches.append(mismatch) }
    }
  }
}

extension ScaleSimValidation.Mismatch {
  /// `nil` if a run of `total` cycles is what the row says, its utilisation to six decimals.
  init?(_ row: ScaleSimRow, total: Int) {
    let cycles = total - 1
    let work = Double(row.m) * Double(row.n) * Double(row.k)
    let utilisation = 100 * work / (Double(cycles) * Double(row.arrayRows) * Double(row.arrayColumns))
    let cyclesDiffer = cycles != row.cycles
    // Half a unit of the last printed digit, and a little for the rounding of decimals to binary.
    let utilisationDiffers = !((utilisation - row.utilisation).magnitude <= 0.5e-6 + 1e-12)
    guard cyclesDiffer || utilisationDiffers else { return nil }
    self.init(
      row: row, cycles: cycles, utilisation: utilisation, cyclesDiffer: cyclesDiffer,
      utilisationDiffers: utilisationDiffers)
  }
}
