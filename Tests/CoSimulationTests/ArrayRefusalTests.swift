import CoSimulation
import Foundation
import Testing

/// Files that aren't a library of an array.
struct ArrayPathTests {
  @Test func missingFilesAreNamed() throws {
    let path = try ArrayToolbox.temporaryDirectory().appendingPathComponent("libnone.so").path
    #expect(try openingFails(path).contains("No such file"))
    // A bare name is a file of the working directory, not one that the loader looks for.
    #expect(try openingFails("libc.so.6").contains("./libc.so.6"))
  }

  @Test func filesOfAnotherKindAreNamed() throws {
    let file = try ArrayToolbox.temporaryDirectory().appendingPathComponent("text.so")
    try "no library".write(to: file, atomically: true, encoding: .utf8)
    #expect(try !openingFails(file.path).isEmpty)
  }

  /// The loader's reason.
  private func openingFails(_ path: String) throws -> String {
    let error = try #require(throws: ArrayLibraryError.self) { try ArrayLibrary(path: path) }
    guard case .cannotOpen(path, let reason) = error else {
      Issue.record("\(error)")
      return ""
    }
    #expect(error.description == "can't open the array library '\(path)': \(reason)")
    return reason
  }
}

/// Libraries that lack something, made of a few lines of C.
@Suite(.enabled(if: ArrayToolbox.hasCompiler, "there is no C compiler: apt install g++"))
struct ArrayStubTests {
  static let functions = [
    "vitsim_array_version": "int32_t vitsim_array_version(void) { return VITSIM_ARRAY_VERSION; }",
    "vitsim_array_create": """
    void *vitsim_array_create(const vitsim_array_shape *s, const char **e) { static int it; (void)s, (void)e; return &it; }
    """,
    "vitsim_array_destroy": "void vitsim_array_destroy(void *a) { (void)a; }",
    "vitsim_array_clock": "void vitsim_array_clock(void *a, const vitsim_array_edges *e) { (void)a, (void)e; }",
    "vitsim_array_groups": "const char *vitsim_array_groups(void *a) { (void)a; return \"sum a\"; }",
    "vitsim_array_registers": "void vitsim_array_registers(void *a, int32_t *r) { (void)a; r[0] = 7; r[4] = 9; }",
    "vitsim_array_waveform": "int32_t vitsim_array_waveform(void *a, const char *p) { (void)a, (void)p; return 0; }",
  ]
  private let shape = ArrayShape(rows: 2, columns: 2)

  @Test func aLibraryOfOnesOwnIsTaken() throws {
    let array = try ArrayLibrary(path: Self.stub()).array(shape)
    #expect(array.groups.map(\.name) == ["sum", "a"])
    #expect(array.groups.map(\.range) == [0..<4, 4..<8])
    #expect(array.registers == [7, 0, 0, 0, 9, 0, 0, 0])
    #expect(array.registers(of: "a") == [9, 0, 0, 0])
  }

  @Test(arguments: functions.keys.sorted())
  func aMissingFunctionIsNamed(_ name: String) throws {
    let path = try Self.stub(replacing: [name: ""])
    #expect(throws: ArrayLibraryError.missingFunction(path: path, name: name)) { try ArrayLibrary(path: path) }
  }

  @Test func anotherVersionIsRefusedBeforeItsFunctionsAreLookedUp() throws {
    let path = try Self.stub(replacing: [
      "vitsim_array_version": "int32_t vitsim_array_version(void) { return 99; }", "vitsim_array_clock": "",
    ])
    #expect(throws: ArrayLibraryError.wrongVersion(path: path, found: 99, expected: 1)) {
      try ArrayLibrary(path: path)
    }
  }

  @Test func aShapeIsRefusedForTheLibrarysReason() throws {
    let path = try Self.stub(replacing: [
      "vitsim_array_create": """
      void *vitsim_array_create(const vitsim_array_shape *s, const char **e) { if (s->rows == 2) *e = "too flat"; return 0; }
      """
    ])
    let library = try ArrayLibrary(path: path)
    #expect(throws: ArrayLibraryError.wrongShape(path: path, reason: "too flat")) { try library.array(shape) }
    #expect(throws: ArrayLibraryError.wrongShape(path: path, reason: "no reason is given")) {
      try library.array(ArrayShape(rows: 3, columns: 2))
    }
  }

  @Test(arguments: ["", "a b", "a a", "a w shadow"])
  func unknownGroupsAreRefused(_ groups: String) throws {
    let path = try Self.stub(replacing: [
      "vitsim_array_groups": "const char *vitsim_array_groups(void *a) { (void)a; return \"\(groups)\"; }"
    ])
    // The shadow is a group of arrays that have one.
    let plain = ArrayShape(rows: 2, columns: 2, hasShadow: false)
    #expect(throws: ArrayLibraryError.wrongGroups(path: path, text: groups)) {
      try ArrayLibrary(path: path).array(plain)
    }
  }

  /// A library of these functions, some of them replaced.
  static func stub(replacing changes: [String: String] = [:]) throws -> String {
    let functions = functions.merging(changes) { $1 }.values
    return try ArrayToolbox.compile((["#include \"vitsim_array.h\""] + functions).joined(separator: "\n") + "\n")
  }
}

/// build.sh says in one line what is wrong.
struct ArrayBuildTests {
  @Test(arguments: [
    (["--rows", "x"], "--rows takes a number, not 'x'"),
    (["--rows", "0"], "an array has at least one row and one column"),
    (["--columns"], "--columns needs a value"),
    (["--shadow", "2"], "--shadow is 0 or 1"),
    (["--depth", "2"], "unknown option '--depth' (--help lists them)"),
  ])
  func wrongOptionsAreRefused(_ options: [String], _ message: String) throws {
    #expect(try refusal(of: options) == "build.sh: \(message)\n")
  }

  @Test func verilatorIsAskedFor() throws {
    // A PATH on which there is only what the script needs until then.
    let directory = try ArrayToolbox.temporaryDirectory()
    let program = try ArrayToolbox.run(["which", "dirname"]).trimmingCharacters(in: .whitespacesAndNewlines)
    try FileManager.default.createSymbolicLink(
      at: directory.appendingPathComponent("dirname"), withDestinationURL: URL(fileURLWithPath: program))
    let message = try refusal(of: [], environment: ["PATH=\(directory.path)"])
    #expect(message == "build.sh: verilator is missing: apt install verilator\n")
  }

  private func refusal(of options: [String], environment: [String] = []) throws -> String {
    let script = ArrayToolbox.examples.appendingPathComponent("build.sh").path
    let failure = try #require(throws: ArrayToolbox.Failure.self) {
      try ArrayToolbox.run(["env"] + environment + ["/bin/bash", script] + options)
    }
    return failure.output
  }
}
