// swift-tools-version: 6.2
import PackageDescription

let products = ["Exposition", "MicroHTTP", "Myosin", "MyosinService", "StateSchema"]

// `.ci/fuzz` passes flags for all packages, so that the fuzzer counts the edges that an input takes in each module.
let package = Package(
    name: "fuzzing",
    dependencies: [
        .package(name: "myosin", path: "../.."),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    ],
    targets: [
        .target(
            name: "FuzzTargets",
            dependencies: products.map { .product(name: $0, package: "myosin") }
                + [.product(name: "HTTPTypes", package: "swift-http-types")],
            path: "FuzzCorpusTests/Targets"
        ),
        .target(name: "FuzzEntry", dependencies: ["FuzzTargets"]),
        // libFuzzer has the function `main`; an executable in Swift would have a second one.
        .executableTarget(name: "fuzz", dependencies: ["FuzzEntry"]),
    ],
    swiftLanguageModes: [.v6]
)
