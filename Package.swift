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

func tests(
  of name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = false,
  libraries: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: dependencies,
    resources: fixtures ? [.copy("Fixtures")] : [],
    swiftSettings: strict,
    linkerSettings: libraries.map { .linkedLibrary($0) })
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
    .library(name: "Fitting", targets: ["Fitting"]),
    .library(name: "Plotting", targets: ["Plotting"]),
  ],
  targets: [
    .executableTarget(
      name: "backprop",
      dependencies: [
        "Flags", "Autograd", "Formula", "Tables", "Models", "Training", "Fitting", "Plotting",
        "Ranks", "CMemory", "CThreads",
      ],
      swiftSettings: strict),
    module("Flags"),
    module("Training", ["Models", "Tables", "Autograd", "Ranks"]),
    module("Fitting", ["Models", "Tables", "Autograd", "Ranks", "CKernels", "CThreads"]),
    module("Models", ["Formula", "Tables", "Autograd", "Ranks"]),
    module("Formula", ["Autograd", "CThreads"]),
    module("Autograd", ["CKernels", "CThreads"]),
    module("Tables", ["CThreads", "CMapping", "CDecimal", "CChecksum"]),
    module("Plotting", ["CCairo"]),
    .target(
      name: "CKernels",
      cSettings: [.treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CChecksum", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CMemory", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CThreads", cSettings: [.treatAllWarnings(as: .error)]),
    module("Ranks", ["CMPI"]),
    .target(
      name: "CMPI",
      cSettings: [.treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CMapping", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CDecimal", cSettings: [.treatAllWarnings(as: .error)]),
    .systemLibrary(
      name: "CCairo",
      pkgConfig: Context.packageDirectory + "/Sources/CCairo/headers.pc",
      providers: [.apt(["libcairo2-dev"])]),
    tests(of: "Autograd", ["Autograd", "CKernels"], fixtures: true),
    tests(of: "Formula", ["Formula", "Autograd"], fixtures: true),
    tests(of: "Tables", ["Tables", "CDecimal", "CChecksum"]),
    tests(
      of: "Models", ["Models", "Formula", "Tables", "Autograd", "CChecksum", "TablesTests"]),
    tests(
      of: "Training", ["Training", "Models", "Formula", "Tables", "Autograd"], fixtures: true),
    tests(
      of: "Fitting", ["Fitting", "Models", "Formula", "Tables", "Autograd"], fixtures: true),
    tests(of: "Plotting", ["Plotting", "CCairo"], fixtures: true, libraries: ["cairo"]),
    .executableTarget(
      name: "RanksTool",
      dependencies: ["Ranks", "CMPI"],
      path: "Tests/RanksTool",
      swiftSettings: strict),
    tests(of: "Ranks", ["Ranks", "RanksTool", "Autograd"]),
    tests(
      of: "CommandLine",
      [
        "backprop", "Flags", "Training", "Models", "Autograd", "TrainingTests",
      ],
      fixtures: true),
  ],
  swiftLanguageModes: [.v6]
)

// `scripts/sanitize` checks the engine alone, and builds nothing else.
if Context.environment["BACKPROP_ENGINE_ALONE"] != nil {
  let others = [
    "backprop", "Flags", "Fitting", "Plotting", "CCairo", "CMemory", "RanksTool",
    "FormulaTests", "ModelsTests", "FittingTests", "PlottingTests", "RanksTests",
    "CommandLineTests",
  ]
  package.targets.removeAll { others.contains($0.name) }
  package.products.removeAll { others.contains($0.name) }
}
