import Analysis
import ArgumentParser
import Hardware

/// The machine under whose roofs operators are put.
struct RoofOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Description of the accelerator, or a configuration with one.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var accelerator: String?

  @OptionGroup var settings: SettingOptions

  @Option(help: ArgumentHelp("Of another machine, such as 330TFLOP/s.", valueName: "rate"), transform: Self.flops)
  var peak: Double?

  @Option(help: ArgumentHelp("Of its memory, such as 1008GB/s.", valueName: "rate"), transform: Self.bytes)
  var bandwidth: Double?

  @Option(help: ArgumentHelp("Bytes of an element there.", valueName: "number"))
  var elementBytes: Int?

  func validate() throws {
    if (peak == nil) != (bandwidth == nil) { throw ValidationError("--peak and --bandwidth go together") }
    if peak != nil, accelerator != nil {
      throw ValidationError("--accelerator and --peak exclude each other")
    }
    if elementBytes != nil, peak == nil { throw ValidationError("--element-bytes goes with --peak and --bandwidth") }
    if let elementBytes, !(1...16 ~= elementBytes) { throw ValidationError("--element-bytes takes 1 to 16") }
    if !settings.settings.isEmpty, accelerator == nil { throw ValidationError("--set goes with --accelerator") }
  }

  /// `nil` if none were asked for.
  func roofs() throws -> MachineRoofs? {
    if let accelerator {
      return MachineRoofs(try Loading.accelerator(accelerator, overrides: settings.settings))
    }
    guard let peak, let bandwidth else { return nil }
    return MachineRoofs(name: "machine", peak: peak, bandwidth: bandwidth, elementBytes: elementBytes ?? 1)
  }

  private static func flops(_ text: String) throws -> Double { try rate(text, unit: "FLOP/s") }
  private static func bytes(_ text: String) throws -> Double { try rate(text, unit: "B/s") }

  /// A positive number with `unit` behind a decimal prefix.
  private static func rate(_ text: String, unit: String) throws -> Double {
    for (prefix, scale) in [("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("", 1)]
    where text.hasSuffix(prefix + unit) {
      if let number = Double(text.dropLast(prefix.count + unit.count)), number * scale > 0, (number * scale).isFinite {
        return number * scale
      }
    }
    throw ValidationError("\(quoted(text)) is no rate; expected a number and a unit, such as 100G\(unit)")
  }
}
