import Analysis

/// The figures of one design.
public struct DesignFigures: Sendable, Hashable {
  /// In the order of `DesignFigure.allCases`.
  private var values: [Double?]

  /// - Parameter value: a figure's value; `nil` if the design has none. What isn't finite is none.
  public init(_ value: (DesignFigure) throws -> Double?) rethrows {
    values = try DesignFigure.allCases.map { figure in try value(figure).flatMap { $0.isFinite ? $0 : nil } }
  }

  public init(_ summary: Summary) { self.init { $0.value(of: summary) } }

  /// `nil` for a figure that the design hasn't (rates by DSP without DSPs).
  public subscript(figure: DesignFigure) -> Double? {
    DesignFigure.allCases.firstIndex(of: figure).flatMap { values[$0] }
  }
}
