// swift-tools-version: 6.2
import PackageDescription

// The server of the article "Serving metrics with Hummingbird", as a package of its user. `make hummingbird-test` builds and scrapes
// it. The libraries do not depend on Hummingbird.
let package = Package(
    name: "hummingbird-metrics",
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(name: "myosin", path: "../../..", traits: []),
    ],
    targets: [
        .target(
            name: "HummingbirdMetrics",
            dependencies: [
                .product(name: "Exposition", package: "myosin"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            path: "Sources"
        ),
        .testTarget(
            name: "HummingbirdMetricsTests",
            dependencies: [
                "HummingbirdMetrics",
                .product(name: "Exposition", package: "myosin"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            path: "Tests"
        ),
    ],
    swiftLanguageModes: [.v6]
)
