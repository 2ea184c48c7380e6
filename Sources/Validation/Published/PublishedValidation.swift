import Hardware

/// Published figures of designs beside what the machine says of their descriptions.
///
/// ```swift
/// let validation = try PublishedValidation([.init(path: "a.yaml", design: design, bench: bench)], threads: 2)
/// for row in validation.rows { print(row.quantity.name, row.simulated ?? 0) }
/// ```
public struct PublishedValidation: Sendable {
  /// One design and where it is measured.
  public struct Entry: Sendable {
    /// Of its run configuration; what ratios name.
    public let path: String
    public let design: PublishedDesign
    public let bench: DesignBench

    public init(path: String, design: PublishedDesign, bench: DesignBench) {
      self.path = path
      self.design = design
      self.bench = bench
    }
  }

  /// One published figure.
  public struct Row: Sendable, Hashable {
    public let path: String
    public let design: PublishedDesign
    public let quantity: PublishedQuantity
    /// In the quantity's unit, with the description as it stands; `nil` where it can't be compared.
    public let simulated: Double?
    /// Over all that isn't published; `nil` where nothing is open, or nothing changes.
    public let band: ClosedRange<Double>?

    /// (simulated − published) / published.
    public var error: Double? { simulated.map { ($0 - quantity.value) / quantity.value } }
  }

  /// In the order of the entries and their quantities.
  public let rows: [Row]
  public let entries: [Entry]

  /// Measures every quantity of every entry, at every point of its sweeps; what is equal is executed once.
  ///
  /// - Parameters:
  ///   - threads: at most so many executions at once; the result doesn't depend on it.
  ///   - progress: called from any thread with the number of executions that are done and of all.
  /// - Throws: `DiagnosticError` for a ratio over a design that isn't among the entries, for an engine that isn't there, and
  ///   for a description that isn't a point of its own sweeps; for the first execution that fails what `DesignBench` throws,
  ///   `CompileError` or `MachineError`.
  public init(
    _ entries: [Entry], threads: Int = 1, progress: @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    self.entries = entries
    let compared = try Self.comparedPaths(entries)
    var jobs = DesignJobs()
    let points = try entries.map { entry in
      try entry.checkSweeps(&jobs)
      return try entry.points.map { try entry.jobs(at: $0, withModel: compared.contains(entry.path), &jobs) }
    }
    let todo = jobs.jobs
    let results = concurrently(todo.count, threads: threads, progress: progress) { index in
      try todo[index].job.measured(on: todo[index].entry.bench, settings: todo[index].settings)
    }
    let measurements = try results.map { try $0.get() }
    rows = entries.indices.flatMap { index in Self.rows(of: index, entries, points, measurements) }
  }

  /// Paths of designs whose model's figures ratios need.
  private static func comparedPaths(_ entries: [Entry]) throws(DiagnosticError) -> Set<String> {
    var paths: Set<String> = []
    for entry in entries {
      for quantity in entry.design.quantities {
        guard case .ratio(let over, _) = quantity.measure else { continue }
        let path = entry.resolved(over)
        guard entries.contains(where: { $0.path == path }) else {
          throw DiagnosticError(
            Diagnostic(
              quantity.mark, "there is no published design at \(quoted(path))",
              expected: alternatives(entries.map(\.path))))
        }
        paths.formUnion([entry.path, path])
      }
    }
    return paths
  }

  private static func rows(
    of index: Int, _ entries: [Entry], _ points: [[PointJobs]], _ measurements: [Measurement]
  ) -> [Row] {
    let entry = entries[index]
    return entry.design.quantities.map { quantity in
      var values = points[index].map { $0.figure(of: quantity, entry.design, measurements) }
      if case .ratio(let over, let unit) = quantity.measure {
        func figures(_ index: Int) -> [Double?] {
          points[index].map { $0.model.flatMap { measurements[$0].figure(in: unit) } }
        }
        let path = entry.resolved(over)
        let other = entries.firstIndex { $0.path == path }.map(figures) ?? []
        // The first point of each is its description: so is the first ratio.
        values = figures(index).flatMap { own in
          other.map { base in
            guard let own, let base, base > 0 else { return nil }
            return own / base
          }
        }
      }
      let all = values.compactMap { $0 }
      var band: ClosedRange<Double>?
      if let least = all.min(), let most = all.max(), least < most { band = least...most }
      return Row(
        path: entry.path, design: entry.design, quantity: quantity, simulated: values.first ?? nil, band: band)
    }
  }
}

/// What is executed at one point of a design's sweeps, as indices of executions.
private struct PointJobs {
  let accelerator: Accelerator
  /// By name of the quantity.
  var quantities: [String: Int] = [:]
  /// The model's run, where others are compared with it.
  var model: Int?

  func figure(of quantity: PublishedQuantity, _ design: PublishedDesign, _ measurements: [Measurement]) -> Double? {
    guard case .interval(let stages, let plus) = quantity.measure else {
      return quantities[quantity.name].flatMap { measurements[$0].figure(in: quantity.unit) }
    }
    let slowest = stages.compactMap { quantities[$0].map { measurements[$0].cycles } }.max() ?? 0
    return Measurement(cycles: slowest + plus, images: 1, accelerator: accelerator).figure(in: quantity.unit)
  }
}

extension PublishedValidation.Entry {
  /// The description as it stands, and then every point of the sweeps.
  fileprivate var points: [[String]] { design.sweeps.isEmpty ? [[]] : [[]] + design.points }

  /// Paths of the designs that its ratios are over.
  public var comparedPaths: [String] {
    design.quantities.compactMap { if case .ratio(let over, _) = $0.measure { resolved(over) } else { nil } }
  }

  /// A path beside the entry's own.
  fileprivate func resolved(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var parts = self.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    for part in path.split(separator: "/") {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }

  fileprivate func jobs(at settings: [String], withModel: Bool, _ jobs: inout DesignJobs) throws -> PointJobs {
    var point = PointJobs(accelerator: try jobs.accelerator(self, settings))
    for quantity in design.quantities {
      point.quantities[quantity.name] = try jobs.index(
        of: quantity.measure, for: self, settings: settings + quantity.settings, at: quantity.mark)
    }
    if withModel { point.model = try jobs.index(of: .model, for: self, settings: settings, at: SourceMark(file: path)) }
    return point
  }

  /// What is shown must lie in the band: the description is one of each sweep's points.
  fileprivate func checkSweeps(_ jobs: inout DesignJobs) throws {
    let own = try jobs.accelerator(self, [])
    for sweep in design.sweeps where try !sweep.points.contains(where: { try jobs.accelerator(self, $0) == own }) {
      throw DiagnosticError(
        Diagnostic(
          sweep.mark, "the description itself is no point of \(quoted(sweep.name))",
          expected: "a point that changes nothing"))
    }
  }
}
