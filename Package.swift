// swift-tools-version: 6.2
import PackageDescription

/// `MYOSIN_WARNINGS_AS_ERRORS=1 swift build` is how the tests build; a user's newer compiler may warn where ours did not.
let warningsAreErrors = Context.environment["MYOSIN_WARNINGS_AS_ERRORS"] == "1"

let house: [SwiftSetting] =
    [
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "myosin",
    products: [
        .library(name: "Myosin", targets: ["Myosin"]),
        .library(name: "Exposition", targets: ["Exposition"]),
        .library(name: "MicroHTTP", targets: ["MicroHTTP"]),
        .library(name: "StateSchema", targets: ["StateSchema"]),
        .library(name: "MyosinService", targets: ["MyosinService"]),
        .executable(name: "myosin-exporter", targets: ["myosin-exporter"]),
        .executable(name: "device-example", targets: ["device-example"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CMicrohttpd",
            pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"]), .brew(["libmicrohttpd"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        .target(name: "Locking", swiftSettings: house),
        .target(name: "MicroHTTP", dependencies: ["CMicrohttpd", "Locking", httpTypes], swiftSettings: house),
        .target(name: "Exposition", dependencies: ["Locking", coreMetrics], swiftSettings: house),
        .target(
            name: "Myosin",
            dependencies: ["CSQLite", "Exposition", "Locking", logging],
            swiftSettings: house
        ),
        .target(name: "StateSchema", dependencies: ["Myosin"], swiftSettings: house),
        .target(
            name: "MyosinService",
            dependencies: ["CZlib", "Exposition", "Locking", "MicroHTTP", "Myosin", "StateSchema", httpTypes, logging],
            // The landing page, in the executable itself: there is no file to miss.
            resources: [
                "page.html", "page.css", "schema.js", "field.js", "editor.js", "model.js", "connection.js",
            ]
            .map { .embedInCode("Landing/\($0)") },
            swiftSettings: house
        ),
        .target(
            name: "ServiceCommand",
            dependencies: [
                "Exposition", "Locking", "Myosin", "MicroHTTP", "MyosinService", "StateSchema", argumentParser,
                coreMetrics, lifecycle,
                logging, unixSignals,
            ],
            swiftSettings: house
        ),
        .target(name: "ExampleModels", dependencies: ["Myosin"], swiftSettings: house),
        .executableTarget(
            name: "myosin-exporter",
            dependencies: ["Myosin", "ServiceCommand", argumentParser, logging],
            swiftSettings: house
        ),
        .executableTarget(
            name: "device-example",
            dependencies: [
                "ExampleModels", "Myosin", "ServiceCommand", argumentParser, coreMetrics, lifecycle, logging,
            ],
            swiftSettings: house
        ),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "ExampleModels", "Exposition", "Locking", "MicroHTTP", "Myosin", "TestSupport", "http-probe",
                "reference-server", "service-probe",
                argumentParser, httpTypes,
            ],
            path: "Sources/Benchmarks",
            exclude: ["Peers", "instructions.txt"],
            swiftSettings: house
        ),
        .executableTarget(
            name: "reference-server",
            path: "Sources/ReferenceServer",
            linkerSettings: [.linkedLibrary("microhttpd")]
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Locking", "MicroHTTP", "Myosin", logging],
            path: "Tests/TestSupport",
            swiftSettings: house
        ),
        .executableTarget(
            name: "context-stress",
            dependencies: ["Myosin", "TestSupport"],
            path: "Tests/ContextStress",
            swiftSettings: house
        ),
        .executableTarget(
            name: "storage-probe",
            dependencies: ["Exposition", "Locking", "Myosin", "TestSupport", logging],
            path: "Tests/StorageProbe",
            swiftSettings: house
        ),
        .executableTarget(
            name: "http-probe",
            dependencies: ["CMicrohttpd", "Locking", "MicroHTTP", "TestSupport", httpTypes],
            path: "Tests/HTTPProbe",
            swiftSettings: house
        ),
        .executableTarget(
            name: "service-probe",
            dependencies: [
                "Exposition", "Locking", "MicroHTTP", "Myosin", "MyosinService", "StateSchema", "TestSupport", logging,
            ],
            path: "Tests/ServiceProbe",
            swiftSettings: house
        ),
        .testTarget(name: "LockingTests", dependencies: ["Locking", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "MicroHTTPTests",
            dependencies: ["Locking", "MicroHTTP", "TestSupport", httpTypes],
            swiftSettings: house
        ),
        .testTarget(
            name: "ExpositionTests",
            dependencies: ["Exposition", "TestSupport", coreMetrics],
            swiftSettings: house
        ),
        .testTarget(
            name: "MyosinTests",
            dependencies: ["Exposition", "Locking", "Myosin", "TestSupport", logging],
            swiftSettings: house
        ),
        .testTarget(
            name: "StateSchemaTests",
            dependencies: ["Exposition", "Locking", "Myosin", "StateSchema", "TestSupport", logging],
            swiftSettings: house
        ),
        .testTarget(
            name: "MyosinServiceTests",
            dependencies: [
                "Exposition", "Locking", "MicroHTTP", "Myosin", "MyosinService", "StateSchema", "TestSupport",
                httpTypes,
                logging,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "Exposition", "Locking", "MicroHTTP", "Myosin", "MyosinService", "StateSchema", "TestSupport",
                httpTypes,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "LoadTests",
            dependencies: ["Locking", "TestSupport", "http-probe", "service-probe"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ProxyTests",
            dependencies: ["Locking", "MicroHTTP", "TestSupport", httpTypes],
            swiftSettings: house
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Locking", "Myosin", "TestSupport", "storage-probe"],
            swiftSettings: house
        ),
        .testTarget(
            name: "SystemTests",
            dependencies: ["TestSupport", "benchmarks", "device-example", "myosin-exporter", "service-probe"],
            swiftSettings: house
        ),
    ],
    swiftLanguageModes: [.v6]
)
