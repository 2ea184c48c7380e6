import Hardware
import Numerics
import Schedule

/// Why figures of several designs wouldn't be of the same work.
public enum DesignMismatch: Sendable, Hashable {
  /// Design `index` runs another model, image or batch than the first.
  case model(index: Int)
  /// An operation of the model that one of both, the first or `index`, computes in floating point and the other in integers.
  case precision(index: Int, VectorOperation, first: Algorithm, other: Algorithm)

  /// The first design that doesn't do the same work as the first one, if there is one.
  public static func first(among schedules: [Schedule]) -> DesignMismatch? {
    guard let first = schedules.first else { return nil }
    let base = first.algorithms
    for (index, schedule) in schedules.enumerated().dropFirst() {
      if schedule.model != first.model { return .model(index: index) }
      let algorithms = schedule.algorithms
      for operation in VectorOperation.allCases {
        guard let own = algorithms[operation], let other = base[operation], (own == .float) != (other == .float) else {
          continue
        }
        return .precision(index: index, operation, first: other, other: own)
      }
    }
    return nil
  }
}

extension Schedule {
  /// What the operations of the vector unit that it uses compute with.
  fileprivate var algorithms: [VectorOperation: Algorithm] {
    var algorithms: [VectorOperation: Algorithm] = [:]
    for instruction in instructions {
      guard case .vector(let vector) = instruction.operation else { continue }
      for stage in vector.stages {
        algorithms[stage.operation] = accelerator.vector.operations[stage.operation]?.algorithm
      }
    }
    return algorithms
  }
}
