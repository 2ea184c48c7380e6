// swift-tools-version: 6.1
import PackageDescription

// The core modules depend on nothing but each other; packages stay at the edge: Yams in HardwareYAML, swift-protobuf in
// ONNXImport, GRDB in SweepStore, the argument parser in the command line. SystemC is there where it is installed:
// without it, SystemCBridge says so.
let package = Package(
  name: "vitsim",
  products: [
    .executable(name: "vitsim", targets: ["vitsim"]),
    .library(
      name: "VitsimCore",
      targets: [
        "Numerics", "Model", "Quantizer", "Hardware", "HardwareYAML", "Schedule", "Compiler", "Machine", "Analysis",
        "Exploration", "Validation", "Report",
      ]),
    .library(name: "VitsimCoSimulation", targets: ["CoSimulation"]),
    .library(name: "VitsimSweeps", targets: ["Exploration", "SweepStore"]),
    .library(name: "VitsimInference", targets: ["Inference", "ONNXImport", "NumPyFiles"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "CKernels"),
    .target(name: "Numerics", dependencies: ["CKernels"]),
    .target(name: "Model", dependencies: ["Numerics"]),
    .target(name: "Hardware", dependencies: ["Numerics"]),
    .target(name: "HardwareYAML", dependencies: ["Hardware", .product(name: "Yams", package: "Yams")]),
    .target(name: "Quantizer", dependencies: ["Model", "Numerics", "CKernels"]),
    .target(name: "NumPyFiles"),
    .target(
      name: "ONNXImport",
      dependencies: ["Model", "Numerics", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Generated/onnx.proto", "Generated/regenerate.sh"]),
    .target(name: "Schedule", dependencies: ["Hardware", "Numerics"]),
    .target(name: "Compiler", dependencies: ["Model", "Hardware", "Schedule", "Numerics"]),
    .target(name: "Machine", dependencies: ["Hardware", "Schedule", "Numerics", "CKernels"]),
    .target(name: "Validation", dependencies: ["Compiler", "Machine", "Schedule", "Model", "Hardware", "Numerics"]),
    .target(name: "Analysis", dependencies: ["Model", "Hardware", "Schedule", "Machine", "Numerics"]),
    .target(
      name: "Exploration",
      dependencies: ["Analysis", "Compiler", "Machine", "Model", "Hardware", "HardwareYAML", "Schedule", "Numerics"]),
    .target(
      name: "PerfettoTrace",
      dependencies: [
        "Analysis", "Machine", "Schedule", "Hardware", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Generated/perfetto.proto", "Generated/regenerate.sh"]),
    .target(
      name: "SweepStore", dependencies: ["Exploration", "Analysis", .product(name: "GRDB", package: "GRDB.swift")]),
    .systemLibrary(name: "CSystemC", pkgConfig: "systemc", providers: [.apt(["libsystemc-dev"])]),
    .target(name: "SystemCBridge", dependencies: ["CSystemC"]),
    // The header alone: libraries of arrays in RTL are opened at run time.
    .systemLibrary(name: "CArray"),
    .target(
      name: "CoSimulation",
      dependencies: ["SystemCBridge", "CArray", "Machine", "Schedule", "Hardware", "Numerics"]),
    .target(
      name: "Inference", dependencies: ["CKernels", "Compiler", "Machine", "Schedule", "Model", "Hardware", "Numerics"]),
    .target(
      name: "Report",
      dependencies: [
        "Analysis", "Exploration", "Validation", "Inference", "CoSimulation", "Machine", "Schedule", "Model",
        "Hardware",
      ]),
    .executableTarget(
      name: "vitsim",
      dependencies: [
        "Report", "PerfettoTrace", "Analysis", "Exploration", "SweepStore", "Validation", "Machine", "Compiler",
        "Schedule", "Model",
        "Hardware", "HardwareYAML",
        "Quantizer", "NumPyFiles", "ONNXImport", "Numerics", "CKernels", "Inference", "CoSimulation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "TestSupport",
      dependencies: ["Compiler", "Machine", "Model", "Schedule", "Hardware", "HardwareYAML", "Numerics"],
      path: "Tests/Support"),
    .testTarget(
      name: "NumericsTests", dependencies: ["Numerics", "CKernels", "TestSupport"], resources: [.copy("Fixtures")]),
    .testTarget(name: "ModelTests", dependencies: ["Model"]),
    .testTarget(name: "QuantizerTests", dependencies: ["Quantizer", "Model", "Numerics", "TestSupport"]),
    .testTarget(name: "NumPyFilesTests", dependencies: ["NumPyFiles", "TestSupport"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ONNXImportTests",
      dependencies: [
        "ONNXImport", "Quantizer", "NumPyFiles", "Model", "Numerics", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "HardwareTests", dependencies: ["Hardware", "HardwareYAML", "TestSupport"]),
    .testTarget(name: "ScheduleTests", dependencies: ["Schedule", "Hardware", "Numerics", "TestSupport"]),
    .testTarget(
      name: "CompilerTests",
      dependencies: [
        "Compiler", "Model", "Hardware", "HardwareYAML", "Schedule", "Machine", "Quantizer", "Numerics", "TestSupport",
      ]),
    .testTarget(name: "MachineTests", dependencies: ["Machine", "Schedule", "Hardware", "Numerics", "TestSupport"]),
    .testTarget(
      name: "CoSimulationTests",
      dependencies: [
        "CoSimulation", "SystemCBridge", "Compiler", "Model", "HardwareYAML", "Machine", "Schedule", "Hardware",
        "Numerics", "TestSupport",
      ]),
    .testTarget(name: "ValidationTests", dependencies: ["Validation", "Compiler", "Hardware", "HardwareYAML"]),
    .testTarget(
      name: "AnalysisTests",
      dependencies: [
        "Analysis", "Compiler", "Machine", "Model", "Hardware", "HardwareYAML", "Schedule", "TestSupport",
      ]),
    .testTarget(
      name: "ExplorationTests",
      dependencies: ["Exploration", "Analysis", "Schedule", "Model", "Hardware", "HardwareYAML", "TestSupport"]),
    .testTarget(
      name: "PerfettoTraceTests",
      dependencies: ["PerfettoTrace", "Analysis", "Machine", "Schedule", "Hardware", "TestSupport"]),
    .testTarget(
      name: "SweepStoreTests",
      dependencies: [
        "SweepStore", "Exploration", "Analysis", "Schedule", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "ReportTests",
      dependencies: ["Report", "Analysis", "Machine", "Compiler", "Model", "Hardware", "Schedule"]),
    .testTarget(
      name: "SystemTests",
      dependencies: [
        "Compiler", "Machine", "Model", "Hardware", "HardwareYAML", "Schedule", "Analysis", "Exploration", "SweepStore",
        "Report", "Quantizer", "NumPyFiles", "ONNXImport", "Numerics", "Inference", "CoSimulation", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      resources: [.copy("Fixtures")]),
  ],
  cxxLanguageStandard: .cxx17
)
