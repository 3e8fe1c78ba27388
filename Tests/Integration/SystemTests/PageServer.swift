import Foundation
import TestSupport
import Testing

/// A program that has a page of metrics, which never changes.
struct PageServer {
    let program: Program
    let address: String

    /// Starts it.
    ///
    /// - Parameters:
    ///   - page: its metrics.
    ///   - directory: where the page is put.
    ///   - address: where it listens; by default a free address of this machine.
    /// - Throws: when it does not start.
    init(_ page: String, in directory: String, at address: String? = nil) throws {
        let place = try address ?? freeAddress(on: "127.77.0.4")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try page.write(toFile: directory + "/metrics", atomically: true, encoding: .utf8)
        let parts = place.split(separator: ":").map(String.init)
        self.address = place
        program = try Program(
            "/usr/bin/env",
            ["python3", "-u", "-m", "http.server", parts[1], "--bind", parts[0], "--directory", directory]
        )
        let output = program.output { $0.contains("Serving HTTP") }
        try #require(output.contains("Serving HTTP"), "it has not started: \(output)")
    }
}
