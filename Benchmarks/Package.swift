// swift-tools-version: 6.1
import PackageDescription

// Benchmarks are a package of their own: timing is measured here and never asserted in tests.
let package = Package(
  name: "vitsim-benchmarks",
  dependencies: [.package(name: "vitsim", path: "..")],
  targets: [
    .executableTarget(
      name: "vitsim-benchmarks",
      dependencies: [
        .product(name: "VitsimCore", package: "vitsim"), .product(name: "VitsimInference", package: "vitsim"),
        .product(name: "VitsimCoSimulation", package: "vitsim"), .product(name: "VitsimSweeps", package: "vitsim"),
      ])
  ]
)
