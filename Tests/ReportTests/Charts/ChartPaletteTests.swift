import Foundation
import Machine
import Testing

@testable import Report

/// Colours as people with the common deficiencies see them.
@Suite struct ChartPaletteTests {
  /// What is left of linear red, green and blue (Machado, Oliveira and Fernandes, 2009, severity 1).
  private static let sights: [(name: String, matrix: [[Double]])] = [
    ("all colours", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    (
      "deuteranopia",
      [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    (
      "tritanopia",
      [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
  ]

  private static func linear(_ hex: String) -> [Double] {
    let number = Int(hex.dropFirst(), radix: 16) ?? 0
    return [16, 8, 0].map {
      let value = Double(number >> $0 & 255) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  /// CIE L*a*b* of a colour as it is seen.
  private static func lab(_ hex: String, _ matrix: [[Double]]) -> [Double] {
    let rgb = matrix.map { row in min(1, max(0, zip(row, linear(hex)).reduce(0) { $0 + $1.0 * $1.1 })) }
    let weights = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    let white = [0.95047, 1, 1.08883]
    let f = zip(weights, white).map { row, white in
      let value = zip(row, rgb).reduce(0) { $0 + $1.0 * $1.1 } / white
      return value > 0.008856 ? cbrt(value) : 7.787 * value + 16 / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  private static func distance(_ a: String, _ b: String, _ matrix: [[Double]]) -> Double {
    zip(lab(a, matrix), lab(b, matrix)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// Parts of different kinds are well apart (ΔE of 15), those of one kind still differ.
  @Test(arguments: [false, true]) func partsCanBeToldApart(dark: Bool) {
    func colour(_ part: Part) -> String {
      let colour = ChartPalette.colour(of: part)
      return dark ? colour.dark : colour.light
    }
    // Narrow counts as overhead and is a paler blue: a step that enters, but late.
    func family(_ part: Part) -> Part.Kind { part == .narrow ? .work : part.kind }
    for (index, part) in Part.allCases.enumerated() {
      for other in Part.allCases[..<index] {
        let isOneKind = family(part) == family(other)
        for (name, matrix) in Self.sights {
          let distance = Self.distance(colour(part), colour(other), matrix)
          #expect(distance > (isOneKind ? 8 : 15), "\(part.name), \(other.name), \(name)")
        }
      }
    }
  }

  @Test(arguments: [false, true]) func designsCanBeToldApart(dark: Bool) {
    for (index, one) in ChartPalette.series.enumerated() {
      for other in ChartPalette.series[..<index] {
        for (name, matrix) in Self.sights {
          let distance =
            dark ? Self.distance(one.dark, other.dark, matrix) : Self.distance(one.light, other.light, matrix)
          #expect(distance > 14, "\(one), \(other), \(name)")
        }
      }
    }
  }

  @Test func everyPartHasAClassOfItsOwn() {
    let names = Part.allCases.map(ChartPalette.paint)
    #expect(Set(names).count == names.count && names.contains("p-wait-dram"))
    for name in names {
      #expect(ChartPalette.classes.contains(".\(name){"))
      for dark in [false, true] { #expect(ChartPalette.variables(dark: dark).contains("--\(name):#")) }
    }
    #expect(ChartPalette.paint(series: 0) == ChartPalette.paint(series: ChartPalette.series.count))
  }
}
