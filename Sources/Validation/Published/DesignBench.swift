import Compiler
import Hardware
import Machine
import Schedule

/// Where a design's published figures are measured: the machine, with what its run configuration describes.
public struct DesignBench: Sendable {
  let accelerator: @Sendable (_ settings: [String]) throws -> Accelerator
  let model: @Sendable (_ settings: [String]) throws -> Schedule

  /// - Parameters:
  ///   - accelerator: the configuration's accelerator with `path=value` settings applied.
  ///   - model: the configuration's model, compiled for that accelerator.
  public init(
    accelerator: @escaping @Sendable (_ settings: [String]) throws -> Accelerator,
    model: @escaping @Sendable (_ settings: [String]) throws -> Schedule
  ) {
    self.accelerator = accelerator
    self.model = model
  }
}

/// What was executed for a figure.
struct Measurement: Sendable {
  var cycles: Int
  var macs = 0
  /// Images; 0 where none was.
  var images = 0
  let accelerator: Accelerator

  /// The figure in `unit`; `nil` where the design has nothing to divide by.
  func figure(in unit: PublishedUnit) -> Double? {
    let seconds = Double(cycles) / Double(accelerator.clock)
    let dsps = Double(Resources.estimate(accelerator).dsps)
    func rate(_ count: Double) -> Double? { cycles > 0 ? count / seconds : nil }
    func perDSP(_ value: Double?) -> Double? { dsps > 0 ? value.map { $0 / dsps } : nil }
    return switch unit {
    case .cycles: Double(cycles)
    case .milliseconds: seconds * 1e3
    case .microseconds: seconds * 1e6
    case .fps: rate(Double(images))
    case .gops: rate(2 * Double(macs) / 1e9)
    case .fpsPerDSP: perDSP(figure(in: .fps))
    case .gopsPerDSP: perDSP(figure(in: .gops))
    case .ratio: nil
    }
  }
}

/// One execution on one accelerator.
struct DesignJob: Hashable, Sendable {
  enum Work: Hashable, Sendable {
    /// With the settings that change it.
    case model([String])
    case products([PublishedMeasure.Product])
    case rows(VectorOperation, rows: Int, columns: Int)
  }

  let path: String
  let accelerator: Accelerator
  let work: Work

  /// - Parameter settings: all that lead to the accelerator.
  func measured(on bench: DesignBench, settings: [String]) throws -> Measurement {
    switch work {
    case .model:
      let schedule = try bench.model(settings)
      return Measurement(
        cycles: try Simulator.run(schedule).cycles, macs: schedule.macs, images: schedule.model.batch,
        accelerator: accelerator)
    case .products(let products):
      var sum = Measurement(cycles: 0, accelerator: accelerator)
      for product in products {
        var accelerator = accelerator
        if let engine = product.engine { accelerator.engines.removeAll { $0.name != engine } }
        let schedule = try Compiler.gemm(
          m: product.m, k: product.k, n: product.n, on: accelerator, operandsOnChip: !product.fromDRAM)
        sum.cycles += try Simulator.run(schedule).cycles
        sum.macs += schedule.macs
      }
      return sum
    case .rows(let operation, let rows, let columns):
      let schedule = try Compiler.rows(operation, rows: rows, columns: columns, on: accelerator)
      return Measurement(cycles: try Simulator.run(schedule).cycles, accelerator: accelerator)
    }
  }
}

/// Everything that has to be executed for some designs, equal executions once.
struct DesignJobs {
  private(set) var jobs: [(job: DesignJob, entry: PublishedValidation.Entry, settings: [String])] = []
  private var indices: [DesignJob: Int] = [:]
  private var accelerators: [String: [[String]: Accelerator]] = [:]

  /// Index of the execution that `measure` asks for; `nil` where it asks for none.
  ///
  /// - Throws: what the bench throws; `DiagnosticError` for an engine that isn't there.
  mutating func index(
    of measure: PublishedMeasure, for entry: PublishedValidation.Entry, settings: [String], at mark: SourceMark
  ) throws -> Int? {
    let work: DesignJob.Work
    switch measure {
    case .model: work = .model(settings.filter { $0.hasPrefix("model") })
    case .products(let products): work = .products(products)
    case .rows(let operation, let rows, let columns): work = .rows(operation, rows: rows, columns: columns)
    case .interval, .ratio, .none: return nil
    }
    let accelerator = try accelerator(entry, settings)
    if case .products(let products) = measure {
      let names = accelerator.engines.map(\.name)
      for name in products.compactMap(\.engine) where !names.contains(name) {
        throw DiagnosticError(
          Diagnostic(
            mark, "there is no engine \(quoted(name))", expected: alternatives(names),
            suggestion: didYouMean(name, among: names)))
      }
    }
    let job = DesignJob(path: entry.path, accelerator: accelerator, work: work)
    if let known = indices[job] { return known }
    indices[job] = jobs.count
    jobs.append((job, entry, settings))
    return jobs.count - 1
  }

  /// The accelerator with settings, read once.
  mutating func accelerator(_ entry: PublishedValidation.Entry, _ settings: [String]) throws -> Accelerator {
    if let known = accelerators[entry.path]?[settings] { return known }
    let accelerator = try entry.bench.accelerator(settings)
    accelerators[entry.path, default: [:]][settings] = accelerator
    return accelerator
  }
}
