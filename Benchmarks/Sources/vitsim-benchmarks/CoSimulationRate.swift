import CoSimulation
import Foundation
import Hardware
import Machine
import Schedule

/// How fast two models of one schedule are compared.
enum CoSimulationRate {
  /// Cycles after which the comparison of registers is cut off: it takes as long for each.
  private static let limit = 200_000

  static func measure(_ schedule: Schedule) throws {
    let transactions = try seconds { try TransactionComparison.run(schedule) }
    report("transactions", transactions.outcome, transactions.seconds)
    let memory = MemoryImage(random: schedule, seed: 1)
    let registers = try seconds {
      try SystemCKernel.exclusive {
        let left = Limited(try LiteralStepper(schedule, image: memory), limit)
        let right = Limited(try SystemCSide(schedule, memory: memory), limit)
        return try LockStep.compare(left, right, units: schedule.accelerator.queues.map(\.name))
      }
    }
    report("registers", registers.outcome, registers.seconds)
  }

  private static func seconds(
    _ body: () throws -> LockStep.Outcome
  ) rethrows -> (outcome: LockStep.Outcome, seconds: Double) {
    let start = Meter.cpuSeconds
    let outcome = try body()
    return (outcome, Meter.cpuSeconds - start)
  }

  private static func report(_ what: String, _ outcome: LockStep.Outcome, _ seconds: Double) {
    print(
      String(
        format: "%@ %9d cycles, %6d registers, %8d events: %8.3f s CPU, %8.0f cycles/s%@",
        what.padding(toLength: 12, withPad: " ", startingAt: 0), outcome.cycles, outcome.registers, outcome.events,
        seconds, Double(outcome.cycles) / seconds, outcome.difference == nil ? "" : "  THE TWO DIFFER"))
  }
}

/// A model that counts as done after so many cycles.
private final class Limited: ClockedModel {
  private let model: any ClockedModel
  private var left: Int

  init(_ model: any ClockedModel, _ cycles: Int) { (self.model, left) = (model, cycles) }

  var name: String { model.name }
  var groups: [RegisterGroup] { model.groups }
  var isDone: Bool { left == 0 || model.isDone }
  func read(into registers: UnsafeMutableBufferPointer<Int32>) throws { try model.read(into: registers) }
  func takeEvents() throws -> [TraceEvent] { try model.takeEvents().filter { $0.cycle < .max } }
  func memories() -> [(name: String, bytes: [UInt8])] { [] }

  func step() throws {
    try model.step()
    left -= 1
  }
}
