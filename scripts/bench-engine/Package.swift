// swift-tools-version: 6.2
// The engine's side of scripts/bench, timed on the library.

import PackageDescription

let package = Package(
  name: "bench-engine",
  dependencies: [.package(name: "backprop", path: "../..")],
  targets: [
    .executableTarget(
      name: "bench-engine",
      dependencies: [
        .product(name: "Autograd", package: "backprop"),
        .product(name: "Formula", package: "backprop"),
        .product(name: "Models", package: "backprop"),
        .product(name: "Tables", package: "backprop"),
        .product(name: "Training", package: "backprop"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
