// swift-tools-version: 6.2
import PackageDescription

/// `MYOSIN_WARNINGS_AS_ERRORS=1 swift build` is how the tests build; a user's newer compiler may warn where ours did not.
let warningsAreErrors = Context.environment["MYOSIN_WARNINGS_AS_ERRORS"] == "1"

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

/// A product of another package that only users of a trait need.
///
/// SwiftPM resolves a package where a trait of one of its uses is on. So each use is by the constants below.
func product(_ name: String, of package: String, for trait: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: [trait]))
}

let argumentParser = product("ArgumentParser", of: "swift-argument-parser", for: "MyosinCommand")
let httpTypes = product("HTTPTypes", of: "swift-http-types", for: "MicroHTTP")
let coreMetrics = product("CoreMetrics", of: "swift-metrics", for: "SwiftMetricsBackend")
let lifecycle = product("ServiceLifecycle", of: "swift-service-lifecycle", for: "MyosinLifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "myosin",
    products: [
        .library(name: "Myosin", targets: ["Myosin"]),
        .library(name: "Exposition", targets: ["Exposition"]),
        .library(name: "SwiftMetricsBackend", targets: ["SwiftMetricsBackend"]),
        .library(name: "MicroHTTP", targets: ["MicroHTTP"]),
        .library(name: "StateSchema", targets: ["StateSchema"]),
        .library(name: "MyosinFoundation", targets: ["MyosinFoundation"]),
        .library(name: "MyosinService", targets: ["MyosinService"]),
        .library(name: "MyosinLifecycle", targets: ["MyosinLifecycle"]),
        .library(name: "MyosinCommand", targets: ["MyosinCommand"]),
        .executable(name: "myosin-exporter", targets: ["myosin-exporter"]),
        .executable(name: "device-example", targets: ["device-example"]),
    ],
    // A trait is named after the product that needs it, and switches on the packages that this product needs beyond swift-log.
    traits: [
        .default(enabledTraits: ["MyosinCommand"]),
        .trait(name: "MicroHTTP", description: "The product MicroHTTP, with swift-http-types."),
        .trait(name: "SwiftMetricsBackend", description: "The product SwiftMetricsBackend, with swift-metrics."),
        .trait(name: "MyosinService", description: "The product MyosinService.", enabledTraits: ["MicroHTTP"]),
        .trait(
            name: "MyosinLifecycle",
            description: "The product MyosinLifecycle, with swift-service-lifecycle.",
            enabledTraits: ["MyosinService"]
        ),
        .trait(
            name: "MyosinCommand",
            description: "The product MyosinCommand and the executables, with all packages.",
            enabledTraits: ["MyosinLifecycle", "SwiftMetricsBackend"]
        ),
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
            providers: [.apt(["libmicrohttpd-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(name: "CLinux"),
        .target(name: "CProcess"),
        .target(name: "CSharedIndex", dependencies: ["CSQLite"]),
        .target(name: "Primitives", swiftSettings: swiftSettings),
        .target(
            name: "MicroHTTP",
            dependencies: ["CLinux", "CMicrohttpd", "Primitives", httpTypes],
            swiftSettings: swiftSettings
        ),
        .target(name: "Exposition", dependencies: ["Primitives"], swiftSettings: swiftSettings),
        .target(
            name: "SwiftMetricsBackend",
            dependencies: ["Exposition", "Primitives", coreMetrics],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Myosin",
            dependencies: ["CLinux", "CSharedIndex", "CSQLite", "Exposition", "Primitives", logging],
            swiftSettings: swiftSettings
        ),
        // The only library that imports Foundation, of which it takes the part without ICU where there is one.
        .target(
            name: "MyosinFoundation",
            dependencies: ["Exposition", "Myosin", "Primitives"],
            swiftSettings: swiftSettings
        ),
        .target(name: "StateSchema", dependencies: ["Myosin", "Primitives"], swiftSettings: swiftSettings),
        .target(
            name: "MyosinService",
            dependencies: [
                "CZlib", "Exposition", "MicroHTTP", "Myosin", "Primitives", "StateSchema", httpTypes, logging,
            ],
            // The landing page, in the executable itself: there is no file to miss.
            resources: [
                "page.html", "page.css", "schema.js", "field.js", "editor.js", "model.js", "connection.js",
            ]
            .map { .embedInCode("Landing/\($0)") },
            swiftSettings: swiftSettings
        ),
        .target(
            name: "MyosinLifecycle",
            dependencies: ["MicroHTTP", "Myosin", "MyosinService", "Primitives", lifecycle],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "MyosinCommand",
            dependencies: [
                "CLinux", "CProcess", "Exposition", "MicroHTTP", "Myosin", "MyosinService", "Primitives", "StateSchema",
                "SwiftMetricsBackend", argumentParser, coreMetrics, lifecycle, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "myosin-exporter",
            dependencies: ["Myosin", "MyosinCommand", argumentParser, logging],
            // As a package of your own would see the libraries.
            packageAccess: false,
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "device-example",
            dependencies: ["Myosin", "MyosinCommand", argumentParser, coreMetrics, lifecycle, logging],
            // As a package of your own would see the libraries.
            packageAccess: false,
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "Exposition", "MicroHTTP", "Myosin", "Primitives", "TestSupport", "http-probe",
                "reference-server", "service-probe",
                argumentParser, httpTypes,
            ],
            path: "Tests/Benchmarks",
            exclude: ["Peers", "instructions.txt"],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "reference-server",
            path: "Tests/Programs/ReferenceServer",
            linkerSettings: [.linkedLibrary("microhttpd")]
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Exposition", "MicroHTTP", "Myosin", "Primitives", logging],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "context-stress",
            dependencies: ["Myosin", "TestSupport"],
            path: "Tests/Programs/ContextStress",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "storage-probe",
            dependencies: ["Exposition", "Myosin", "Primitives", "TestSupport", logging],
            path: "Tests/Programs/StorageProbe",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "http-probe",
            dependencies: ["CLinux", "MicroHTTP", "Primitives", "TestSupport", httpTypes],
            path: "Tests/Programs/HTTPProbe",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "service-probe",
            dependencies: [
                "Exposition", "MicroHTTP", "Myosin", "MyosinService", "Primitives", "StateSchema", "TestSupport",
                logging,
            ],
            path: "Tests/Programs/ServiceProbe",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "lifecycle-probe",
            dependencies: ["MicroHTTP", "Myosin", "MyosinLifecycle", "MyosinService", lifecycle, logging],
            path: "Tests/Programs/LifecycleProbe",
            // As a package of your own would see the libraries, in Swift 6 as it is.
            packageAccess: false
        ),
        .testTarget(
            name: "PrimitivesTests",
            dependencies: ["Primitives", "TestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MicroHTTPTests",
            dependencies: ["MicroHTTP", "Primitives", "TestSupport", httpTypes],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ExpositionTests",
            dependencies: ["Exposition", "TestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "SwiftMetricsBackendTests",
            dependencies: ["Exposition", "SwiftMetricsBackend", "TestSupport", coreMetrics],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MyosinTests",
            dependencies: ["Exposition", "Myosin", "Primitives", "TestSupport", logging],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MyosinFoundationTests",
            dependencies: [
                "Exposition", "Myosin", "MyosinFoundation", "MyosinService", "Primitives", "StateSchema", "TestSupport",
                logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "StateSchemaTests",
            dependencies: [
                "Exposition", "Myosin", "Primitives", "StateSchema", "TestSupport", logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MyosinServiceTests",
            dependencies: [
                "Exposition", "MicroHTTP", "Myosin", "MyosinLifecycle", "MyosinService", "Primitives", "StateSchema",
                "TestSupport",
                httpTypes, lifecycle, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MyosinCommandTests",
            dependencies: [
                "MicroHTTP", "Myosin", "MyosinCommand", "MyosinService", "Primitives", "TestSupport", argumentParser,
                httpTypes,
                logging,
            ],
            swiftSettings: swiftSettings
        ),
        // What only computes, in one thread and for long: the thread sanitizer has nothing to find there.
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["Myosin", "MyosinService", "StateSchema", "TestSupport"],
            swiftSettings: swiftSettings
        ),
        // `Tests/Fuzzing`, a package of its own, compiles the same fuzz targets.
        .testTarget(
            name: "FuzzCorpusTests",
            dependencies: [
                "Exposition", "MicroHTTP", "Myosin", "MyosinService", "Primitives", "StateSchema", "TestSupport",
                httpTypes,
            ],
            path: "Tests/Fuzzing/FuzzCorpusTests",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "Exposition", "MicroHTTP", "Myosin", "MyosinCommand", "MyosinFoundation", "MyosinService",
                "Primitives", "StateSchema", "SwiftMetricsBackend", "TestSupport", "lifecycle-probe", argumentParser,
                coreMetrics, httpTypes,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LoadTests",
            dependencies: [
                "IntegrationSupport", "Primitives", "TestSupport", "http-probe", "myosin-exporter", "service-probe",
            ],
            path: "Tests/Integration/LoadTests",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ProxyTests",
            dependencies: ["MicroHTTP", "Primitives", "TestSupport", httpTypes],
            path: "Tests/Integration/ProxyTests",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Myosin", "Primitives", "TestSupport", "storage-probe"],
            path: "Tests/Integration/StorageTests",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "IntegrationSupport",
            dependencies: ["TestSupport"],
            path: "Tests/Integration/IntegrationSupport",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "IntegrationSupport", "TestSupport", "benchmarks", "device-example", "myosin-exporter", "service-probe",
            ],
            path: "Tests/Integration/SystemTests",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "APITests",
            dependencies: ["IntegrationSupport", "TestSupport", "myosin-exporter", "service-probe"],
            path: "Tests/Integration/APITests",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ImageTests",
            dependencies: ["IntegrationSupport", "TestSupport", "myosin-exporter"],
            path: "Tests/Integration/ImageTests",
            swiftSettings: swiftSettings
        ),
    ],
    swiftLanguageModes: [.v6]
)
