internal import Foundation

/// A directory that goes away with the test.
package final class TemporaryDirectory: Sendable {
    /// Where it is.
    package let path = FileManager.default.temporaryDirectory.path + "/myosin-\(UUID().uuidString)"

    /// Makes the directory.
    package init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    private init(copying other: String) throws { try FileManager.default.copyItem(atPath: other, toPath: path) }

    /// Makes a copy, which goes away with its own reference.
    package func copy() throws -> TemporaryDirectory { try TemporaryDirectory(copying: path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The top of the repository.
package let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
