/// The memory primitive a buffer is built from; decides what it costs on an FPGA.
public enum MemoryKind: String, Sendable, Hashable, CaseIterable {
  case bram, uram
  /// Registers or LUTRAM: no block memory.
  case distributed
}

/// One on-chip buffer. Banks are contiguous: byte `a` lies in bank `a / (bytes / banks)`.
///
/// Timing: rules B1–B4 of docs/timing.md.
public struct BufferSpec: Sendable, Hashable {
  public var name: String
  public var bytes: Int
  public var banks: Int
  /// Accesses (read or write) that one bank serves at once.
  public var ports: Int
  /// Bytes that one port of one bank delivers or takes in a cycle.
  public var wordBytes: Int
  /// Cycles from the read of an address to its data, and for accumulators from a write to the next
  /// read-modify-write of the same address.
  public var latency: Int
  /// Further cycles until what a load has brought is there for others.
  public var loadLatency: Int
  /// The compiler may give a stream of tiles two slots that alternate; otherwise one.
  public var pingPong: Bool
  public var memory: MemoryKind

  public init(
    name: String, bytes: Int, banks: Int = 1, ports: Int = 2, wordBytes: Int, latency: Int = 1, loadLatency: Int = 0,
    pingPong: Bool = true, memory: MemoryKind = .bram
  ) {
    self.name = name
    self.bytes = bytes
    self.banks = banks
    self.ports = ports
    self.wordBytes = wordBytes
    self.latency = latency
    self.loadLatency = loadLatency
    self.pingPong = pingPong
    self.memory = memory
  }

  /// Bytes in one bank.
  public var bankBytes: Int { bytes / banks }
}

/// What a DMA channel may be asked to carry.
public enum Cargo: String, Sendable, Hashable, CaseIterable {
  /// Parameters, from DRAM.
  case weights
  /// Activations, from DRAM.
  case inputs
  /// Activations, to DRAM.
  case outputs
}

/// How the rows of the DRAM side are cut into bursts (rule D1).
public enum BurstShape: String, Sendable, Hashable, CaseIterable {
  /// From any address on, as long as they may be (AXI).
  case incrementing
  /// At multiples of the longest burst; each piece in the smallest block of a power of two beats at a multiple of its size
  /// that holds it (TileLink).
  case aligned
}

/// One DMA channel with an AXI master port of its own.
///
/// Timing: rules D1–D5 of docs/timing.md.
public struct DMAChannelSpec: Sendable, Hashable {
  public var name: String
  public var carries: Set<Cargo>
  /// Bytes of one beat: the width of the AXI data bus.
  public var beatBytes: Int
  /// Beats of the longest burst.
  public var burstBeats: Int
  /// Address boundary, in bytes, that a burst must not cross (AXI: 4 KiB).
  public var boundaryBytes: Int
  /// Bursts in flight at once.
  public var outstanding: Int
  /// Cycles from taking an instruction to its first request.
  public var setup: Int
  public var bursts: BurstShape
  /// Whether words of the buffer (reads) and whole rows (writes) are put together between buffer and bus.
  public var assembly: Bool
  /// Instructions under way at once; 0: the next one starts when all of the one before is requested or sent.
  public var transfersInFlight: Int
  /// Cycles from the beginning of a run until the first instruction gets here.
  public var dispatch: Int
  /// Words of the buffer's side for one of the DRAM's side, of stores: results get narrower on their way out.
  public var narrowing: Int
  /// Of stores from a buffer whose ports are granted word by word (rule D9): words that may have been read and not gathered, words
  /// in so many cycles, and the cycles; 0: any.
  public var gatherAhead: Int
  public var gatherWords: Int
  public var gatherCycles: Int
  /// Cycles from a store's last word read to its tokens (rule D10); 0: they come with its end.
  public var readCompletion: Int
  /// Cycles from the one after a burst's last beat to its acknowledgement; `nil`: as the DRAM has it.
  public var acknowledgement: Int?
  /// Of stores: cycles from the row buffer to the way to memory, in which as many beats have room (rule D12).
  public var sendPath: Int
  /// Cycles from the one after that in which a word is put together to the one in which it takes a port of its bank (rule M28),
  /// besides the buffer's `load-latency`.
  public var writePath: Int
  /// Cycles from a burst's last beat or acknowledgement until another may take its place among the outstanding ones.
  public var slotReturn: Int
  /// Cycles from the last beat, word or acknowledgement of an instruction to its end.
  public var completion: Int
  /// Whether each further beat of a written burst needs a free place among the outstanding ones.
  public var beatCredit: Bool

  public init(
    name: String, carries: Set<Cargo>, beatBytes: Int, burstBeats: Int = 16, boundaryBytes: Int = 4096,
    outstanding: Int = 8, setup: Int = 0, bursts: BurstShape = .incrementing, assembly: Bool = false,
    transfersInFlight: Int = 0, dispatch: Int = 0, narrowing: Int = 1, gatherAhead: Int = 0, gatherWords: Int = 0,
    gatherCycles: Int = 0, readCompletion: Int = 0, acknowledgement: Int? = nil, sendPath: Int = 0, writePath: Int = 0,
    slotReturn: Int = 1, completion: Int = 1, beatCredit: Bool = false
  ) {
    self.name = name
    self.carries = carries
    self.beatBytes = beatBytes
    self.burstBeats = burstBeats
    self.boundaryBytes = boundaryBytes
    self.outstanding = outstanding
    self.setup = setup
    self.bursts = bursts
    self.assembly = assembly
    self.transfersInFlight = transfersInFlight
    self.dispatch = dispatch
    self.narrowing = narrowing
    self.gatherAhead = gatherAhead
    self.gatherWords = gatherWords
    self.gatherCycles = gatherCycles
    self.readCompletion = readCompletion
    self.acknowledgement = acknowledgement
    self.sendPath = sendPath
    self.writePath = writePath
    self.slotReturn = slotReturn
    self.completion = completion
    self.beatCredit = beatCredit
  }
}

/// The off-chip memory behind all DMA channels. A bank-level model of named standards is to become a third case.
///
/// Timing: rules R1–R4 of docs/timing.md.
public enum DRAMSpec: Sendable, Hashable {
  /// No limit on bandwidth; every burst's first beat may come `latency` cycles after its request.
  /// - `inOrder`: beats that are read and acknowledgements come back one a cycle, in the order of R1.
  /// - `sharedRequests`: requests of all channels and beats that they write take one way, one a cycle (R6).
  case ideal(latency: Int, inOrder: Bool = false, sharedRequests: Bool = false)
  /// One data bus, shared by reads and writes of all channels, first come, first served.
  /// `bandwidth` in bytes a second, `latency` in cycles.
  case bandwidth(bytesPerSecond: Int, latency: Int)

  public var sharesRequests: Bool { if case .ideal(_, _, true) = self { true } else { false } }

  public var isInOrder: Bool { if case .ideal(_, true, _) = self { true } else { false } }

  public var latency: Int {
    switch self {
    case .ideal(let latency, _, _), .bandwidth(_, let latency): latency
    }
  }
}
