// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A module of ours, with a library product of its own name where users may want it.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = false)
  -> Target
{
  .testTarget(
    name: "\(name)Tests",
    dependencies: dependencies,
    resources: fixtures ? [.copy("Fixtures")] : [],
    swiftSettings: strict)
}

let package = Package(
  name: "backprop",
  products: [
    .executable(name: "backprop", targets: ["backprop"]),
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "Formula", targets: ["Formula"]),
    .library(name: "Tables", targets: ["Tables"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Plotting", targets: ["Plotting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .executableTarget(
      name: "backprop",
      dependencies: [
        "Autograd", "Formula", "Tables", "Models", "Training", "Plotting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    module("Training", ["Models", "Autograd"]),
    module("Models", ["Formula", "Tables", "Autograd"]),
    module("Formula", ["Autograd"]),
    module("Autograd", ["CKernels"]),
    module("Tables"),
    module("Plotting", ["CCairo"]),
    .target(
      name: "CKernels",
      cSettings: [.treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("m")]),
    .systemLibrary(
      name: "CCairo",
      pkgConfig: "cairo fontconfig freetype2",
      providers: [.apt(["libcairo2-dev"])]),
    tests(of: "Autograd", ["Autograd", "CKernels"], fixtures: true),
    tests(of: "Formula", ["Formula", "Autograd"], fixtures: true),
    tests(of: "Tables", ["Tables"]),
    tests(of: "Models", ["Models", "Formula", "Tables", "Autograd"]),
    tests(
      of: "Training", ["Training", "Models", "Formula", "Tables", "Autograd"], fixtures: true),
    tests(of: "Plotting", ["Plotting", "CCairo"], fixtures: true),
    tests(
      of: "CommandLine",
      [
        "backprop", "Training", "Models", "Autograd", "TrainingTests",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      fixtures: true),
  ],
  swiftLanguageModes: [.v6]
)
