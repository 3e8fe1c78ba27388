// swift-tools-version: 6.2
import PackageDescription

// A user of the library alone. `make library-test` builds it where libmicrohttpd is not to be had.
let package = Package(
    name: "library-only",
    dependencies: [.package(name: "myosin", path: "../../..", traits: [])],
    targets: [
        .testTarget(
            name: "LibraryOnlyTests",
            // DOC begins
            dependencies: [.product(name: "Myosin", package: "myosin")],
            // DOC ends
            path: "Tests"
        )
    ],
    swiftLanguageModes: [.v6]
)
