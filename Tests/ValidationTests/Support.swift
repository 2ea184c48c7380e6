import Foundation
import HardwareYAML
import Validation

extension Bench {
  /// With the accelerators of the package's own `configs`.
  static let shipped = Bench { path, settings in
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try RunConfiguration.load(path: root.path + "/configs/" + path, overrides: settings).accelerator
  }
}

func validate(_ text: String, threads: Int = 1) throws -> ReferenceValidation {
  try ReferenceValidation(parsing: text, file: "t.csv", on: .shipped, threads: threads)
}

extension ReferenceValidation {
  /// The reasons of the rows that are left out.
  var reasons: [String] {
    rows.compactMap { if case .leftOut(let reason) = $0.outcome { reason } else { nil } }
  }
}
