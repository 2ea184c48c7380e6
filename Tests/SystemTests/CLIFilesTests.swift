import Foundation
import Testing

/// What the command line writes doesn't take the place of what it reads or of something else that it writes.
@Suite struct CLIFilesTests {
  private let scratch: Scratch

  /// A schedule, a sweep and its store, with other names for them.
  init() throws {
    scratch = try Scratch()
    let files = FileManager.default
    try files.copyItem(
      at: CLIProgram.package.appendingPathComponent("traces/prime-sizes/case.vsched"), to: scratch.file("in.vsched"))
    let accelerator = CLIProgram.package.appendingPathComponent("configs/accelerators/zcu102-32x32.yaml").path
    _ = try scratch.write("model: deit-tiny\naccelerator: \(accelerator)\n", to: "base.yaml")
    _ = try scratch.write(
      "base: base.yaml\nmodels: [{name: deit-tiny, image: 16}]\ngrid: {clock: [1MHz]}\n", to: "e.yaml")
    _ = try scratch.write("", to: "old.sqlite")
    try files.createDirectory(at: scratch.file("d"), withIntermediateDirectories: true)
    for (link, target) in [
      ("link.vsched", "in.vsched"), ("here", "."), ("store.db", "old.sqlite"), ("new.db", "not-yet.sqlite"),
    ] {
      try files.createSymbolicLink(atPath: scratch.file(link).path, withDestinationPath: target)
    }
  }

  private func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in scratch.names { contents[name] = (try? Data(contentsOf: scratch.file(name))) ?? Data() }
    return contents
  }

  @Test(arguments: [
    ("run in.vsched --trace F --vcd F", "--trace and --vcd are one file"),
    ("run in.vsched --trace F -o ./F", "--trace and -o are one file"),
    ("run in.vsched --vcd here/F -o d/../F", "--vcd and -o are one file"),
    ("run in.vsched -o in.vsched", "-o in.vsched would overwrite the input"),
    ("run in.vsched --trace link.vsched", "--trace link.vsched would overwrite the input"),
    ("run in.vsched --trace ''", "--trace is empty"),
    ("run in.vsched -o nowhere/x --trace F", "nowhere/x: error: can't be written"),
    ("run in.vsched -o in.vsched/x", "in.vsched/x: error: can't be written"),
    ("run in.vsched --trace F --vcd G --vcd-units aray", "did you mean"),
    ("run base.yaml --trace F --vcd G", "registers in "),
    ("report in.vsched -o here/in.vsched", "would overwrite an input"),
    ("compile base.yaml -o base.yaml", "would overwrite the input"),
    ("explain in.vsched -o in.vsched", "would overwrite the input"),
    ("compare base.yaml base.yaml -o base.yaml", "would overwrite an input"),
    ("lint in.vsched -o in.vsched", "would overwrite an input"),
    ("trace record in.vsched -o in.vsched", "would overwrite the input"),
    ("trace diff in.vsched in.vsched -o in.vsched", "would overwrite the"),
    ("cosim in.vsched -o in.vsched", "would overwrite the input"),
    ("cosim in.vsched --export link.vsched", "would overwrite the input"),
    ("roofline deit-tiny --plot F -o F", "--plot and -o are one file"),
    ("gemm 8 8 8 --accelerator base.yaml -o base.yaml", "would overwrite --accelerator"),
    ("validate base.yaml -o base.yaml", "would overwrite an input"),
    ("infer F.onnx --images in.npz:x --accelerator base.yaml --logits base.yaml", "would overwrite --accelerator"),
    ("sweep e.yaml --report F -o F", "-o and --report are one file"),
    ("sweep e.yaml --report e.yaml", "--report e.yaml would overwrite the sweep's file"),
    ("sweep e.yaml -o base.yaml", "-o base.yaml would overwrite the sweep's base"),
    ("sweep e.yaml -o here/e.sqlite", "would overwrite the sweep's store"),
    ("sweep e.yaml --report e.sqlite-wal", "would overwrite the sweep's store"),
    ("sweep e.yaml -o d/../e.sqlite-shm", "would overwrite the sweep's store"),
    ("sweep e.yaml --store store.db -o old.sqlite", "would overwrite the sweep's store"),
    ("sweep e.yaml --store store.db -o old.sqlite-journal", "would overwrite the sweep's store"),
    ("sweep e.yaml --store new.db -o not-yet.sqlite", "would overwrite the sweep's store"),
    ("sweep e.yaml --store ''", "--store is empty"),
  ])
  func nothingIsOverwritten(line: String, message: String) throws {
    let before = try contents()
    let result = try CLIProgram.shell("$vitsim \(line)", in: scratch.directory)
    #expect(result.status == 2 && result.output == "")
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(try contents() == before)
  }

  /// Devices and pipes take several outputs.
  @Test func devicesTakeAll() throws {
    let result = try CLIProgram.shell(
      "$vitsim run in.vsched --trace /dev/null --vcd /dev/null -o /dev/null", in: scratch.directory)
    #expect(result.status == 0, "\(result.errors)")
  }

  /// SQLite has names of its own for databases that are no files.
  @Test(arguments: [":memory:", "file:x.db"])
  func everyStoreIsAFile(name: String) throws {
    let first = try CLIProgram.run(["sweep", "e.yaml", "--store", name], in: scratch.directory)
    #expect(first.status == 0, "\(first.errors)")
    #expect(scratch.names.contains(name))
    let again = try CLIProgram.run(["sweep", "e.yaml", "--store", name], in: scratch.directory)
    #expect(again.errors.contains("0 evaluated, 1 there before"), "\(again.errors)")
  }
}
