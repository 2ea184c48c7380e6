import Hardware
import Model
import Testing

@testable import Analysis
@testable import Report

/// MachineRoofs, what they leave operators, and how it is written.
@Suite struct RooflineTests {
  private let roofs = MachineRoofs(name: "m", peak: 8e9, bandwidth: 4e9, elementBytes: 2)

  /// 8 GFLOP/s over 2 G elements a second: the roofs meet at 4.
  @Test func roofsMeetAtTheRidge() {
    #expect(roofs.ridge == 4)
    #expect(roofs.attainable(1) == 2e9 && roofs.attainable(4) == 8e9 && roofs.attainable(5) == 8e9)
  }

  @Test func placements() {
    let memory = OperatorWork(flops: 2_000_000, read: 1_000_000, written: 1_000_000)
    let compute = OperatorWork(flops: 16_000_000, read: 500_000, written: 500_000)
    let first = roofs.placement(of: [memory])
    #expect(first.seconds == 1e-3 && first.memoryBoundSeconds == 1e-3 && first.rate == 2e9 && first.bound == .memory)
    let second = roofs.placement(of: [compute])
    #expect(second.seconds == 2e-3 && second.memoryBoundSeconds == 0 && second.rate == 8e9 && second.bound == .compute)
    let both = roofs.placement(of: [memory, compute])
    #expect(both.seconds == 3e-3 && both.memoryBoundSeconds == 1e-3 && both.rate == 6e9 && both.bound == .compute)
    #expect(roofs.placement(of: [OperatorWork]()) == Placement())
    // What only moves: no rate, but time.
    let copy = roofs.placement(of: [OperatorWork(flops: 0, read: 1000, written: 1000)])
    #expect(copy.rate == 0 && copy.seconds == 1e-6 && copy.bound == .memory)
  }

  /// The fixture: 16 MAC/cycle at 100 MHz; a channel of 8 bytes a cycle behind a DRAM of as much.
  @Test func roofsOfAnAccelerator() {
    var accelerator = Fixture.accelerator
    #expect(MachineRoofs(accelerator) == MachineRoofs(name: "tiny", peak: 3.2e9, bandwidth: 8e8, elementBytes: 1))
    accelerator.dram = .bandwidth(bytesPerSecond: 300_000_000, latency: 1)
    #expect(MachineRoofs(accelerator).bandwidth == 3e8)
    accelerator.dram = .ideal(latency: 1)
    accelerator.channels.append(accelerator.channels[0])
    #expect(MachineRoofs(accelerator).bandwidth == 1.6e9)
  }

  @Test func kindsAndOperatorsAddUp() throws {
    for name in ["deit-tiny", "efficientvit-b0"] {
      let roofline = Roofline(try Zoo.graph(name, image: 64))
      var sum = OperatorWork()
      var seconds = 0.0
      for kind in roofline.kinds {
        sum += kind.work
        seconds += roofline.placement(of: kind, under: roofs).seconds
      }
      #expect(sum == roofline.total.work)
      #expect(roofline.kinds.reduce(0) { $0 + $1.operators } == roofline.total.operators)
      let total = roofline.placement(of: roofline.total, under: roofs).seconds
      let each = roofline.operators.reduce(0) { $0 + roofline.placement(of: $1, under: roofs).seconds }
      #expect(abs(seconds / total - 1) < 1e-12 && abs(each / total - 1) < 1e-12)
    }
  }

  @Test func onlySomeKinds() throws {
    let graph = try Zoo.graph("deit-tiny", image: 32)
    let roofline = Roofline(graph, kinds: [.qkv, .mlp])
    #expect(roofline.kinds.map(\.name) == ["qkv", "mlp"] && roofline.total.operators == 36)
    #expect(roofline.total.work.flops == roofline.operators.reduce(0) { $0 + $1.work.flops })
  }

  /// Both grow more than the pixels do, memory operations faster than FLOPs.
  @Test func growth() throws {
    let sizes = try [224, 384, 512, 1024].map { Roofline(try Zoo.graph("vit-base", image: $0)) }
    let growth = Roofline.growth(sizes)
    #expect(growth[0] == Roofline.Growth(image: 224, pixels: 1, flops: 1, memoryOperations: 1, intensity: 1))
    // Memory operations begin slower: at 224 pixels most of them are weights.
    for size in growth.dropFirst(2) {
      #expect(size.flops > size.pixels && size.memoryOperations > size.flops && size.intensity < 1)
    }
    #expect(growth[1].flops > growth[1].pixels)
    #expect(Roofline.growth([]) == [])
  }

  /// Every circle stands at its intensity by the axis below it, and the ridge between what memory bounds and what it doesn't.
  @Test func thePlotPutsIntensitiesInTheirPlace() throws {
    let roofline = Roofline(try Zoo.graph("deit-tiny", image: 32))
    for roofs in [nil, roofs] {
      let svg = RooflineReport([roofline], roofs: roofs).svg
      let ticks = svg.matches(of: /<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">(1|10)</).map(\.output)
      let (one, ten) = (
        try #require(ticks.first { $0.2 == "1" }.flatMap { Double($0.1) }),
        try #require(ticks.first { $0.2 == "10" }.flatMap { Double($0.1) })
      )
      func place(_ intensity: Double) -> Double { one + Decade.logarithm(intensity) * (ten - one) }
      let circles = svg.matches(of: /<circle class="s-0" cx="([\d.]+)" cy="[\d.]+" r="[\d.]+"><title>(\w+):/).map(
        \.output)
      #expect(circles.count == roofline.kinds.count)
      for circle in circles {
        let row = try #require(roofline.kinds.first { $0.name == circle.2 })
        let intensity = try #require(row.work.intensity)
        #expect(abs(try #require(Double(circle.1)) - place(intensity)) < 0.2, "\(row.name)")
      }
      let ridge = svg.firstMatch(of: /stroke-dasharray="3 3" d="M([\d.]+)\b/).flatMap { Double($0.output.1) }
      #expect((ridge == nil) == (roofs == nil))
      if let ridge { #expect(abs(ridge - place(4)) < 0.2) }
    }
  }

  /// Names are escaped, roofs that never meet left out, and there is nothing that SVG can't read.
  @Test func plotsOfOddThings() throws {
    let rooflines = [Roofline(try Zoo.graph("efficientvit-b0", image: 32))]
    for (peak, bandwidth) in [(1.0, 1e18), (1e18, 1.0), (1e9, 0), (0, 1e9)] {
      let roofs = MachineRoofs(name: "<&>", peak: peak, bandwidth: bandwidth, elementBytes: 1)
      for perOperator in [false, true] {
        let report = RooflineReport(rooflines, roofs: roofs, perOperator: perOperator)
        #expect(report.svg.hasSuffix("</svg>\n") && !report.svg.contains("<&>"))
        for text in [report.svg, report.json, report.csv] { #expect(!text.contains("nan") && !text.contains("inf")) }
      }
    }
    #expect(RooflineReport([], roofs: nil).svg.hasSuffix("</svg>\n") && RooflineReport([], roofs: nil).text == "\n")
  }
}
