/// The immutable description of one accelerator: what a YAML file says, checked and with every name resolved
/// to an index.
///
/// Sizes are in bytes, times in clock cycles of the one clock domain, frequencies in hertz.
public struct Accelerator: Sendable, Hashable {
  public var name: String
  /// Clock frequency, Hz.
  public var clock: Int
  public var engines: [MatrixEngineSpec]
  public var buffers: [BufferSpec]
  public var channels: [DMAChannelSpec]
  public var dram: DRAMSpec
  public var vector: VectorUnitSpec
  /// The FPGA and its budget; `nil` for a design that is not bound to a device (an ASIC, a study).
  public var device: DeviceSpec?
  /// LUTs and flip-flops that the author of the design declares; vitsim doesn't synthesise and so doesn't guess them.
  public var declaredLogic: DeclaredLogic

  public init(
    name: String, clock: Int, engines: [MatrixEngineSpec], buffers: [BufferSpec], channels: [DMAChannelSpec],
    dram: DRAMSpec, vector: VectorUnitSpec, device: DeviceSpec? = nil, declaredLogic: DeclaredLogic = .init()
  ) {
    self.name = name
    self.clock = clock
    self.engines = engines
    self.buffers = buffers
    self.channels = channels
    self.dram = dram
    self.vector = vector
    self.device = device
    self.declaredLogic = declaredLogic
  }

  /// Peak multiply-accumulates a cycle over all matrix engines.
  public var peakMACsPerCycle: Int { engines.reduce(0) { $0 + $1.macsPerCycle } }

  /// Buffers of engines that read row by row: their ports are granted word by word (rule M28).
  public var wordBuffers: Set<Int> { Set(engines.flatMap(\.wordBuffers)) }
}

/// LUTs and flip-flops as declared in the YAML (`resources:`); zero means "not declared".
public struct DeclaredLogic: Sendable, Hashable {
  public var luts: Int
  public var flipFlops: Int
  public init(luts: Int = 0, flipFlops: Int = 0) {
    self.luts = luts
    self.flipFlops = flipFlops
  }
}

/// What kind of unit serves an instruction queue.
public enum UnitKind: Sendable, Hashable {
  /// Index into `Accelerator.engines`.
  case matrix(Int)
  case vector
  /// Index into `Accelerator.channels`.
  case dma(Int)
}

/// One unit with an in-order instruction queue of its own.
public struct Queue: Sendable, Hashable {
  /// Hierarchical name, the same in configuration, schedule, trace and report: `array`, `vector`, `dma.weights`.
  public var name: String
  public var unit: UnitKind
}

extension Accelerator {
  /// The instruction queues in the machine's fixed order: matrix engines, vector unit, DMA channels.
  ///
  /// The order is also the priority with which units ask for buffer ports in one cycle (rule A1 of docs/timing.md).
  public var queues: [Queue] {
    engines.indices.map { Queue(name: engines[$0].name, unit: .matrix($0)) }
      + [Queue(name: "vector", unit: .vector)]
      + channels.indices.map { Queue(name: "dma." + channels[$0].name, unit: .dma($0)) }
  }
}
