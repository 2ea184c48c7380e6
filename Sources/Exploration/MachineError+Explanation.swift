import Hardware
import Machine

extension MachineError {
  /// The error in words, with what to do.
  public var explanation: String {
    switch self {
    case .deadlock(let cycle, let waiting):
      "the schedule deadlocks at cycle \(cycle): instructions \(waiting.map(String.init).joined(separator: ", ")) "
        + "wait for tokens that never come; 'vitsim lint' says more"
    case .wrongUnit(let instruction, let unit):
      "instruction \(instruction) stands in the queue of \(quoted(unit)), which can't execute it"
    case .malformed(let instruction, let what):
      "instruction \(instruction) has \(what); 'vitsim lint' says more"
    case .inconsistent(let instruction, let what):
      "defect of the simulator: at instruction \(instruction), \(what)"
    case .noValues(let instruction, let what):
      (instruction.map { "instruction \($0): " } ?? "") + what
    }
  }
}
