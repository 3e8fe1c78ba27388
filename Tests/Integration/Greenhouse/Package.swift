// swift-tools-version: 6.2
import PackageDescription

// The program of a user. `make greenhouse-test` builds it with both default isolations.
let isIsolated = Context.environment["GREENHOUSE_ISOLATION"] == "MainActor"
let settings: [SwiftSetting] =
    [.treatAllWarnings(as: .error)] + (isIsolated ? [.defaultIsolation(MainActor.self)] : [])

let package = Package(
    name: "greenhouse",
    dependencies: [
        .package(name: "myosin", path: "../../..", traits: ["MyosinLifecycle"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "Greenhouse",
            dependencies: [
                .product(name: "MicroHTTP", package: "myosin"),
                .product(name: "Myosin", package: "myosin"),
                .product(name: "MyosinFoundation", package: "myosin"),
                .product(name: "MyosinLifecycle", package: "myosin"),
                .product(name: "MyosinService", package: "myosin"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "greenhouse-controller", dependencies: ["Greenhouse"], swiftSettings: settings),
        .testTarget(name: "GreenhouseTests", dependencies: ["Greenhouse"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
