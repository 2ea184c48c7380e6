import HardwareYAML
import Testing

/// The reference names every key that the printer writes.
@Suite struct DocumentationTests {
  @Test func everyKeyIsDocumented() throws {
    let reference = try Shipped.text("docs/hardware.md")
    var accelerator = try RunConfiguration.load(path: Shipped.root + "/configs/deit-tiny-zcu102.yaml").accelerator
    accelerator.device?.dsps += 1
    for line in accelerator.yaml.split(separator: "\n") {
      let key = line.drop { " -".contains($0) }.prefix { $0 != ":" }
      #expect(reference.contains("`\(key)`"), "docs/hardware.md says nothing of '\(key)'")
    }
  }

  /// The example that newcomers copy shows every key of an engine, a buffer, a channel and the vector unit.
  @Test func theFirstConfigurationShowsEveryKey() throws {
    let text = try Shipped.text("configs/accelerators/zcu102-32x32.yaml")
    let accelerator = try RunConfiguration.load(path: Shipped.root + "/configs/deit-tiny-zcu102.yaml").accelerator
    let hidden: Set<Substring> = ["adder-tree-registers", "output-path"]
    for line in accelerator.yaml.split(separator: "\n") {
      let key = line.drop { " -".contains($0) }.prefix { $0 != ":" }
      #expect(text.contains("\(key):") != hidden.contains(key), "\(key)")
    }
  }
}
