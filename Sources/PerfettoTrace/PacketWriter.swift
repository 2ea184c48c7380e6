import SwiftProtobuf

/// Puts packets together and gives them away in pieces.
///
/// All are of one sequence, in which names are sent once and then referred to by number.
struct PacketWriter {
  private static let sequence: UInt32 = 1
  /// Packets that are encoded at once.
  private static let pieceLength = 4096

  private let time: TraceTime
  private var piece = Perfetto_Trace()
  private var isFirst = true
  private var eventNames: [String: UInt64] = [:]
  private var noteNames: [String: UInt64] = [:]

  init(clock: Int) { time = TraceTime(clock: clock) }

  mutating func add(_ track: Perfetto_TrackDescriptor, to sink: ([UInt8]) throws -> Void) throws {
    var packet = packet()
    packet.trackDescriptor = track
    try add(packet, to: sink)
  }

  mutating func add(_ slice: Slice, on track: UInt64, to sink: ([UInt8]) throws -> Void) throws {
    var packet = packet()
    var event = Perfetto_TrackEvent()
    event.trackUuid = track
    switch slice {
    case .begin(let name, let cycle, let notes):
      packet.timestamp = time.nanoseconds(cycle)
      event.type = .sliceBegin
      event.nameIid = number(ofEvent: name, &packet)
      event.debugAnnotations = notes.map { note in
        var annotation = Perfetto_DebugAnnotation()
        annotation.nameIid = number(ofNote: note.name, &packet)
        annotation.intValue = Int64(note.value)
        return annotation
      }
    case .end(let cycle):
      packet.timestamp = time.nanoseconds(cycle)
      event.type = .sliceEnd
    }
    packet.trackEvent = event
    try add(packet, to: sink)
  }

  mutating func add(_ point: Counter.Point, on track: UInt64, to sink: ([UInt8]) throws -> Void) throws {
    var packet = packet()
    packet.timestamp = time.nanoseconds(point.cycle)
    var event = Perfetto_TrackEvent()
    event.trackUuid = track
    event.type = .counter
    switch point.value {
    case .whole(let value): event.counterValue = Int64(value)
    case .real(let value): event.doubleCounterValue = value
    }
    packet.trackEvent = event
    try add(packet, to: sink)
  }

  mutating func finish(to sink: ([UInt8]) throws -> Void) throws {
    if piece.packet.isEmpty { return }
    // Messages one after the other are one message with the packets of all.
    try sink(try piece.serializedBytes())
    piece = Perfetto_Trace()
  }

  private mutating func packet() -> Perfetto_TracePacket {
    var packet = Perfetto_TracePacket()
    packet.trustedPacketSequenceID = Self.sequence
    let flags: Perfetto_TracePacket.SequenceFlags = isFirst ? .seqIncrementalStateCleared : .seqNeedsIncrementalState
    packet.sequenceFlags = UInt32(flags.rawValue)
    isFirst = false
    return packet
  }

  private mutating func add(_ packet: Perfetto_TracePacket, to sink: ([UInt8]) throws -> Void) throws {
    piece.packet.append(packet)
    if piece.packet.count == Self.pieceLength { try finish(to: sink) }
  }

  private mutating func number(ofEvent name: String, _ packet: inout Perfetto_TracePacket) -> UInt64 {
    if let known = eventNames[name] { return known }
    var entry = Perfetto_EventName()
    (entry.iid, entry.name) = (UInt64(eventNames.count + 1), name)
    eventNames[name] = entry.iid
    packet.internedData.eventNames.append(entry)
    return entry.iid
  }

  private mutating func number(ofNote name: String, _ packet: inout Perfetto_TracePacket) -> UInt64 {
    if let known = noteNames[name] { return known }
    var entry = Perfetto_DebugAnnotationName()
    (entry.iid, entry.name) = (UInt64(noteNames.count + 1), name)
    noteNames[name] = entry.iid
    packet.internedData.debugAnnotationNames.append(entry)
    return entry.iid
  }
}

/// Cycles as time at the accelerator's clock.
struct TraceTime: Sendable {
  let clock: Int

  /// The nanosecond next to the beginning of a cycle: order is kept, and with a clock of at most 1 GHz no two cycles are one.
  func nanoseconds(_ cycle: Int) -> UInt64 {
    let (divisor, half) = (UInt64(max(1, clock)), UInt64(max(1, clock)) / 2)
    var (high, low) = UInt64(max(0, cycle)).multipliedFullWidth(by: 1_000_000_000)
    let (sum, carry) = low.addingReportingOverflow(half)
    (low, high) = (sum, carry ? high + 1 : high)
    return high < divisor ? divisor.dividingFullWidth((high, low)).quotient : .max
  }
}
