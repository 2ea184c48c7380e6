import ArgumentParser
import CoSimulation
import Compiler
import Exploration
import Foundation
import Hardware
import Inference
import Machine
import Model
import NumPyFiles
import ONNXImport
import Quantizer
import SweepStore

/// What the shell is told. docs/output.md documents the codes.
enum ExitStatus: Int32 {
  case done = 0
  case checkFailed = 1
  case badInput = 2
  case doesNotFit = 3
  case defect = 70
  case interrupted = 130
}

/// A command's end other than success. An empty message: the command has said all.
struct CommandFailure: Error {
  var status: ExitStatus
  var message: String

  init(_ status: ExitStatus, _ message: String = "") {
    self.status = status
    self.message = message
  }
}

extension ExitStatus {
  /// The status that `error` calls for.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure.status
    case let mistakes as ScheduleMistakes: self = mistakes.status
    case is DiagnosticError, is ModelError, is CompileError, is ONNXError, is NumPyError, is InferenceError,
      is CalibrationError, is CoSimulationError, is ArrayLibraryError, is SweepStoreError:
      self = .badInput
    case let error as MachineError: self = if case .inconsistent = error { .defect } else { .badInput }
    case is any LocalizedError: self = .defect
    default: self = Vitsim.exitCode(for: error).isSuccess ? .done : .badInput
    }
  }

  /// What `error` has to say; empty if all is said.
  func message(for error: any Error) -> String {
    switch error {
    case let failure as CommandFailure: failure.message
    case let mistakes as ScheduleMistakes: mistakes.error.description
    case let error as DiagnosticError: error.description
    case let error as ModelError: error.description
    case let error as CompileError: error.description
    case let error as ONNXError: error.description
    case let error as NumPyError: error.description
    case let error as CalibrationError: error.description
    case let error as InferenceError: "the model " + error.problem
    case let error as MachineError: error.explanation
    case let error as CoSimulationError: error.what
    case let error as ArrayLibraryError: error.description
    case let error as SweepStoreError: error.description
    default: Vitsim.fullMessage(for: error)
    }
  }

  /// Says what `error` has to say and ends the process.
  func exit(after error: any Error) -> Never {
    let message = message(for: error)
    if !message.isEmpty {
      if self == .done { Console.print(message) } else { Console.error(message) }
    }
    Foundation.exit(rawValue)
  }

  /// The one of two that says more: an interruption, a defect, bad input, a design too large, a failed check.
  func worse(_ other: ExitStatus) -> ExitStatus {
    let order: [ExitStatus] = [.done, .checkFailed, .doesNotFit, .badInput, .defect, .interrupted]
    return (order.firstIndex(of: other) ?? 0) > (order.firstIndex(of: self) ?? 0) ? other : self
  }
}
