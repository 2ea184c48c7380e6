import Machine
import Report
import Testing

/// Waveforms, read back by a reader of this file's own.
@Suite struct WaveformTests {
  /// Name with scopes → value at each time at which it changes.
  static func read(_ vcd: String) throws -> [String: [Int: UInt32]] {
    var (scopes, names, changes): ([String], [Substring: String], [String: [Int: UInt32]]) = ([], [:], [:])
    var time = -1
    for line in vcd.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words[0] == "$scope" { scopes.append(String(words[2])) }
      if words[0] == "$upscope" { scopes.removeLast() }
      if words[0] == "$var" {
        #expect(words[1...2] == ["wire", "32"] && words[5] == "$end")
        #expect(names[words[3]] == nil, "two variables of one code")
        names[words[3]] = (scopes + [String(words[4])]).joined(separator: ".")
      }
      if line.first == "#" { time = try #require(Int(line.dropFirst())) }
      if line.first == "b" {
        let name = try #require(names[words[1]])
        changes[name, default: [:]][time] = UInt32(words[0].dropFirst(), radix: 2)
      }
    }
    #expect(scopes.isEmpty)
    return changes
  }

  private let groups = [
    RegisterGroup("array.sum", [1, 2, 1, 2], axes: ["replica", "register", "row", "column"]),
    RegisterGroup("dma.in.control", [2], labels: ["started", "waiting beats"]),
    RegisterGroup("weights.ports", [2], axes: ["bank"]),
  ]

  @Test func everyRegisterHasItsPlaceAndItsChanges() throws {
    let samples: [[Int32]] = [[1, 2, 3, 4, 5, 6, 7, 8], [1, -2, 3, 4, 5, 6, 7, 9]]
    let changes = try Self.read(
      Waveform(sides: [.init(name: "", groups: groups, samples: samples)], firstCycle: 40).vcd)
    #expect(changes.count == 8)
    #expect(changes["array.pe_0_0.sum_r0"] == [40: 1])
    #expect(changes["array.pe_0_1.sum_r0"] == [40: 2, 41: UInt32(bitPattern: -2)])
    #expect(changes["array.pe_0_1.sum_r1"] == [40: 4])
    #expect(changes["dma.in.started"] == nil)
    #expect(changes["dma.in.control.waiting_beats"] == [40: 6])
    #expect(changes["weights.ports_b1"] == [40: 8, 41: 9])
  }

  @Test func sidesHaveScopesOfTheirOwn() throws {
    let sides = ["vitsim", "SystemC"].map {
      Waveform.Side(name: $0, groups: groups, samples: [[1, 2, 3, 4, 5, 6, 7, 8]])
    }
    let changes = try Self.read(Waveform(sides: sides, firstCycle: 0).vcd)
    #expect(changes.count == 16)
    #expect(changes["SystemC.array.pe_0_0.sum_r0"] == [0: 1])
  }

  @Test func thousandsOfRegistersHaveCodesOfTheirOwn() throws {
    let group = RegisterGroup("x", [20_000], axes: ["bank"])
    let samples = [(0..<20_000).map { Int32($0) }]
    let changes = try Self.read(
      Waveform(sides: [.init(name: "", groups: [group], samples: samples)], firstCycle: 0).vcd)
    #expect(changes.count == 20_000)
    #expect(changes["x_b19999"] == [0: 19_999])
  }

  @Test func noTwoNamesAreOneAndDashesStay() throws {
    let groups = [
      RegisterGroup("dma.a-b.control", [3], labels: ["waiting beats", "waiting_beats", "waiting:beats"]),
      RegisterGroup("dma.a_b.control", [1], labels: ["started"]), RegisterGroup("a.b", [1]),
    ]
    let changes = try Self.read(
      Waveform(sides: [.init(name: "", groups: groups, samples: [[1, 2, 3, 4, 5]])], firstCycle: 0).vcd)
    #expect(
      changes == [
        "dma.a-b.control.waiting_beats": [0: 1], "dma.a-b.control.waiting_beats_2": [0: 2],
        "dma.a-b.control.waiting_beats_3": [0: 3], "dma.a_b.control.started": [0: 4], "a.b_0": [0: 5],
      ])
  }

  /// A code such as `$end` would end what it stands in.
  @Test func noCodeIsAKeyword() {
    let group = RegisterGroup("x", [20_000], axes: ["bank"])
    let vcd = Waveform(sides: [.init(name: "", groups: [group], samples: [])], firstCycle: 0).vcd
    let codes = vcd.split(separator: "\n").filter { $0.hasPrefix("$var") }.map { $0.split(separator: " ")[3] }
    #expect(Set(codes).count == 20_000 && codes.allSatisfy { !$0.contains("$") })
  }
}
