import TestSupport
import Testing

@testable import Hardware

@Suite struct QuantityTests {
  private func parse(_ text: String, _ quantity: Quantity) -> Result<Int, Quantity.Failure> {
    Result { () throws(Quantity.Failure) in try quantity.parse(text) }
  }

  @Test(arguments: [
    ("512KiB", 524_288), ("1.5MiB", 1_572_864), ("16B", 16), ("128bit", 16), ("1TiB", 1 << 40), ("2KB", 2000),
    ("2kB", 2000), ("0.5KiB", 512), ("8 B", 8), ("0B", 0), ("1.50KiB", 1536), ("0.0009765625KiB", 1),
  ])
  func sizes(text: String, bytes: Int) throws { #expect(try Quantity.size.parse(text) == bytes) }

  @Test(arguments: [
    ("200MHz", 200_000_000), ("1GHz", 1_000_000_000), ("333.333333MHz", 333_333_333), ("1.5kHz", 1500), ("7Hz", 7),
  ])
  func frequencies(text: String, hertz: Int) throws { #expect(try Quantity.frequency.parse(text) == hertz) }

  @Test(arguments: [
    ("19.2GB/s", 19_200_000_000), ("1MiB/s", 1_048_576), ("460GB/s", 460_000_000_000), ("3.35TB/s", 3_350_000_000_000),
  ])
  func bandwidths(text: String, bytes: Int) throws { #expect(try Quantity.bandwidth.parse(text) == bytes) }

  @Test func countsAndCycles() throws {
    #expect(try Quantity.count.parse("32") == 32)
    #expect(try Quantity.cycles.parse("20") == 20)
    #expect(try Quantity.cycles.parse("20cycles") == 20)
    #expect(try Quantity.cycles.parse("1 cycle") == 1)
  }

  @Test(arguments: [
    ("", Quantity.count, "is not a number"), ("abc", .count, "is not a number"), (".nan", .count, "is not a number"),
    ("NaN", .size, "is not a number"), (".inf", .bandwidth, "is not a number"), ("-.inf", .size, "is not a number"),
    ("1.", .count, "is not a number"), (".5", .count, "is not a number"), ("-", .count, "is not a number"),
    ("-3", .count, "is negative"), ("-3KiB", .size, "is negative"), ("-0", .count, "is negative"),
    ("+3", .count, "is not a plain decimal number"), ("010", .count, "is not a plain decimal number"),
    ("0x10", .count, "has a unit where none belongs"), ("1e3", .count, "has a unit where none belongs"),
    ("1_000", .count, "has a unit where none belongs"), ("3.5", .count, "is not a whole number"),
    ("3.5cycles", .cycles, "is not a whole number of cycles"), ("3ms", .cycles, "has the unknown unit 'ms'"),
    ("512", .size, "has no unit"), ("512KiBs", .size, "has the unknown unit 'KiBs'"),
    ("512  KiB", .size, "has the unknown unit ' KiB'"), ("12bit", .size, "is not a whole number of bytes"),
    ("0.3KiB", .size, "is not a whole number of bytes"), ("0.5Hz", .frequency, "is not a whole number of hertz"),
    ("19.2GB", .bandwidth, "has the unknown unit 'GB'"), ("200", .frequency, "has no unit"),
    ("99999999999999999999", .count, "is too large or too exact"), ("9000000000TiB", .size, "is too large"),
    ("0.0000000000000000001KiB", .size, "is too large or too exact"),
    ("0.1234567890123456789GHz", .frequency, "is too large or too exact"),
    ("٣", .count, "is not a number"),
  ])
  func failures(text: String, quantity: Quantity, reason: String) {
    guard case .failure(let failure) = parse(text, quantity) else {
      Issue.record("\(text) was taken")
      return
    }
    #expect(failure.reason == reason)
  }

  @Test func suggestsUnits() {
    for (text, unit) in [("512kib", "KiB"), ("200mhz", "MHz"), ("19GBs", "GB/s")] {
      let quantity: Quantity = unit == "KiB" ? .size : unit == "MHz" ? .frequency : .bandwidth
      guard case .failure(let failure) = parse(text, quantity) else {
        Issue.record("\(text) was taken")
        continue
      }
      #expect(failure.suggestion == unit)
    }
  }

  @Test func printsShortestExactText() {
    #expect(Quantity.size.format(1536 << 10) == "1536KiB")
    #expect(Quantity.size.format(1 << 40) == "1TiB")
    #expect(Quantity.size.format(1000) == "1000B")
    #expect(Quantity.size.format(0) == "0B")
    #expect(Quantity.frequency.format(333_333_333) == "333.333333MHz")
    #expect(Quantity.frequency.format(1_000_000_001) == "1.000000001GHz")
    #expect(Quantity.bandwidth.format(19_200_000_000) == "19.2GB/s")
    #expect(Quantity.bandwidth.format(1_000_000) == "1MB/s")
  }

  @Test func whatIsPrintedReadsBack() throws {
    var random = SplitMix64(seed: 1)
    for quantity in [Quantity.count, .cycles, .size, .frequency, .bandwidth] {
      for _ in 0..<2000 {
        let value = Int(random.next() >> UInt64.random(in: 16...63, using: &random))
        #expect(try quantity.parse(quantity.format(value)) == value)
      }
    }
  }
}
