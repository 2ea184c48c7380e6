import Hardware
import Testing

@testable import Schedule

/// What lint finds in the small schedule after a change.
func findings(_ change: (inout Schedule) throws -> Void) rethrows -> [LintFinding] {
  var schedule = Small.schedule
  try change(&schedule)
  return Lint.check(schedule)
}

/// Expects a finding of this kind, at this instruction, with these words.
func expect(
  _ kind: LintFinding.Kind, at instruction: Int? = nil, _ words: String,
  _ location: SourceLocation = #_sourceLocation,
  when change: (inout Schedule) throws -> Void
) rethrows {
  let found = try findings(change)
  let match = found.contains { $0.kind == kind && $0.instruction == instruction && $0.message.contains(words) }
  #expect(match, "\(found)", sourceLocation: location)
}

extension Schedule {
  mutating func add(_ op: OperatorInfo) {
    operators.append(op)
    layers[0].operators.append(operators.count - 1)
  }

  mutating func edit<Value>(_ index: Int, _ change: (inout Value) -> Void) {
    instructions[index].edit(change)
  }
}

extension Instruction {
  mutating func edit<Value>(_ change: (inout Value) -> Void) {
    func changed<Payload>(_ payload: Payload) -> Payload {
      guard var value = payload as? Value else { return payload }
      change(&value)
      return value as? Payload ?? payload
    }
    operation =
      switch operation {
      case .load(let transfer): .load(changed(transfer))
      case .store(let transfer): .store(changed(transfer))
      case .matmul(let matmul): .matmul(changed(matmul))
      case .vector(let vector): .vector(changed(vector))
      }
  }
}
