import Testing

/// A trace as Perfetto reads it: field numbers stand here once more, as its documentation has them.
struct ReadTrace {
  struct Track {
    var name: String
    var parent: UInt64?
    var unit: String?
  }
  struct Slice {
    var track: UInt64
    /// 1 for those that nothing encloses.
    var depth: Int
    var name: String
    var start: UInt64
    var end: UInt64
    var notes: [String: Int]
    /// Names of those around it, outermost first.
    var around: [String]
  }
  struct Sample {
    var track: UInt64
    var time: UInt64
    var value: Double
  }

  private(set) var tracks: [UInt64: Track] = [:]
  private(set) var slices: [Slice] = []
  private(set) var samples: [Sample] = []
  private(set) var packets = 0

  init(_ bytes: [UInt8]) throws {
    var events: [UInt64: String] = [:]
    var notes: [UInt64: String] = [:]
    var open: [UInt64: [Slice]] = [:]
    for packet in try Wire(bytes[...]).messages(1) {
      packets += 1
      #expect(packet.number(10) == 1, "trusted_packet_sequence_id")
      #expect(packet.number(13) == (packets == 1 ? 1 : 2), "sequence_flags")
      for interned in try packet.messages(12) {
        for entry in try interned.messages(2) { events[try #require(entry.number(1))] = entry.text(2) }
        for entry in try interned.messages(3) { notes[try #require(entry.number(1))] = entry.text(2) }
      }
      for track in try packet.messages(60) {
        let counter = try track.messages(8).first
        let identifier = try #require(track.number(1))
        #expect(tracks[identifier] == nil)
        if let parent = track.number(5) { #expect(tracks[parent] != nil) }
        tracks[identifier] = Track(
          name: try #require(track.text(2)), parent: track.number(5), unit: counter.map { $0.text(6) ?? "" })
      }
      for event in try packet.messages(11) {
        let (track, time) = (try #require(event.number(11)), try #require(packet.number(8)))
        #expect(tracks[track] != nil)
        switch event.number(9) {
        case 1:
          let outer = open[track, default: []]
          var slice = Slice(
            track: track, depth: outer.count + 1, name: try #require(events[event.number(10) ?? 0]),
            start: time, end: .max, notes: [:], around: outer.map(\.name))
          for note in try event.messages(4) {
            slice.notes[try #require(notes[note.number(1) ?? 0])] = Int(try #require(note.number(4)))
          }
          if let around = outer.last { #expect(around.start <= time) }
          open[track, default: []].append(slice)
        case 2:
          let last = open[track]?.popLast()
          var slice = try #require(last, "an end without a beginning")
          #expect(slice.start <= time)
          slice.end = time
          slices.append(slice)
        case 4:
          let whole = event.number(30).map { Double(Int64(bitPattern: $0)) }
          let real = event.number(44).map { Double(bitPattern: $0) }
          let value = try #require(whole ?? real)
          samples.append(Sample(track: track, time: time, value: value))
        default: Issue.record("event of type \(event.number(9) ?? 0)")
        }
      }
    }
    #expect(open.values.allSatisfy { $0.isEmpty }, "a slice without an end")
  }

  /// The track of that name, which must be the only one.
  func track(_ name: String) -> UInt64? {
    let found = tracks.filter { $0.value.name == name }
    return found.count == 1 ? found.first?.key : nil
  }

  /// Names from the root to a track.
  func path(_ track: UInt64) -> [String] {
    guard let own = tracks[track] else { return [] }
    return (own.parent.map { path($0) } ?? []) + [own.name]
  }
}
