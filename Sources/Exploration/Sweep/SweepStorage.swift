import Schedule

/// Where the results of a sweep are kept, each as it ends. Called from several threads.
public protocol SweepStorage: Sendable {
  /// The designs that have a result. Those under other rules, or found to be a defect of the simulator, aren't among them.
  func outcomes() throws -> [DesignKey: SweepOutcome]

  /// The points of the sweep that begins now, in place of those of the one before.
  func begin(_ points: [PointRecord]) throws

  /// A design that has ended. When this returns the result outlives the process.
  func keep(_ record: DesignRecord) throws
}

/// The result of one design, with all that it depends on.
public struct DesignRecord: Sendable, Hashable {
  public let key: DesignKey
  public let model: ModelReference
  /// Canonical YAML.
  public let accelerator: String
  public let outcome: SweepOutcome

  public init(key: DesignKey, model: ModelReference, accelerator: String, outcome: SweepOutcome) {
    self.key = key
    self.model = model
    self.accelerator = accelerator
    self.outcome = outcome
  }
}

/// One point of a sweep, as it is kept.
public struct PointRecord: Sendable, Hashable {
  public struct Setting: Sendable, Hashable {
    public let path: String
    /// As YAML.
    public let value: String

    public init(path: String, value: String) {
      self.path = path
      self.value = value
    }
  }

  public let settings: [Setting]
  /// Its design; `nil` for a point that asks for none.
  public let key: DesignKey?
  /// Of a point without a design.
  public let failure: SweepFailure?

  public init(settings: [Setting], key: DesignKey?, failure: SweepFailure?) {
    self.settings = settings
    self.key = key
    self.failure = failure
  }
}
