import Analysis
import Exploration
import Hardware
import Schedule
import TestSupport
import Testing

@Suite struct ParetoFrontTests {
  private func point(_ values: [DesignFigure: Double], model: String = "m", image: Int = 224, batch: Int = 1)
    -> SweepPoint
  {
    SweepPoint(
      settings: [], model: ModelReference(name: model, image: image, batch: batch),
      outcome: .done(DesignFigures { values[$0] }))
  }

  private func front(_ points: [SweepPoint], by objectives: [SweepObjective] = SweepObjective.usual) -> [Int] {
    SweepResult(name: "s", paths: [], points: points, objectives: objectives).front
  }

  @Test func fasterOrSmaller() {
    let points = [(100.0, 10.0), (200, 30), (150, 30), (200, 40), (300, 50)].map {
      point([.framesPerSecond: $0, .dsps: $1])
    }
    #expect(front(points) == [4, 1, 0])
  }

  @Test func equalPointsAreOnItTogether() {
    let points = (0..<3).map { _ in point([.framesPerSecond: 5, .dsps: 5]) }
    #expect(front(points) == [0, 1, 2])
  }

  @Test func modelsAndImagesAreApartAndBatchesTogether() {
    let points = [
      point([.framesPerSecond: 1, .dsps: 9]), point([.framesPerSecond: 2, .dsps: 8], model: "n"),
      point([.framesPerSecond: 3, .dsps: 7], image: 32), point([.framesPerSecond: 4, .dsps: 6], batch: 8),
    ]
    #expect(front(points) == [3, 1, 2])
  }

  @Test func whatLacksAFigureOrFailedIsOnNone() {
    let failed = SweepPoint(
      settings: [], model: ModelReference(name: "m", image: 224, batch: 1),
      outcome: .failed(SweepFailure(.notCompiled, "no")))
    #expect(front([point([.framesPerSecond: 9]), point([.framesPerSecond: 1, .dsps: 1]), failed]) == [1])
    #expect(front([point([.dsps: 1])], by: []) == [])
  }

  @Test func directionsCanBeTurnedRound() throws {
    func list(_ text: String) throws -> [SweepObjective] {
      try SweepObjective.list(text, at: SourceMark(file: "--pareto"))
    }
    #expect(try list("fps,dsp") == SweepObjective.usual)
    #expect(
      try list("dsp:max,fps:min,cycles") == [
        SweepObjective(.dsps, maximize: true), SweepObjective(.framesPerSecond, maximize: false),
        SweepObjective(.cycles, maximize: false),
      ])
    for text in ["", "fpss", "fps:", "fps:up", "fps:max:min", ":max", "fps,fps:min", "fps,"] {
      #expect(throws: DiagnosticError.self, "\(text)") { try list(text) }
    }
    let error = #expect(throws: DiagnosticError.self) { try list("dsps") }
    #expect(error?.description.hasSuffix("did you mean 'dsp'?") == true)
    let points = [point([.dsps: 1]), point([.dsps: 3]), point([.dsps: 2])]
    #expect(front(points, by: [SweepObjective(.dsps, maximize: true)]) == [1])
  }

  /// Against the definition, point by point.
  @Test func asDefined() {
    var random = SplitMix64(seed: 7)
    for dimensions in 1...4 {
      let figures = Array(DesignFigure.allCases.prefix(dimensions))
      let objectives = figures.map { SweepObjective($0, maximize: random.chance(50)) }
      for range in [3, 20, 1000] {
        let values = (0..<150).map { _ in figures.map { _ in Double(random.int(0...range)) } }
        let points = values.map { row in point(Dictionary(uniqueKeysWithValues: zip(figures, row))) }
        func atLeastAsGood(_ a: [Double], _ b: [Double]) -> Bool {
          zip(objectives, zip(a, b)).allSatisfy { $0.maximize ? $1.0 >= $1.1 : $1.0 <= $1.1 }
        }
        let expected = values.indices.filter { i in
          !values.contains { $0 != values[i] && atLeastAsGood($0, values[i]) }
        }
        #expect(front(points, by: objectives).sorted() == expected, "\(dimensions) figures of 0...\(range)")
      }
    }
  }
}
