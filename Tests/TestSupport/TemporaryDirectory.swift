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

    /// All that is seen of the files from outside: names, sizes, times, rights, inodes and bytes.
    package func contents() throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        return try ([""] + names)
            .map { name in
                var information = stat()
                guard lstat("\(path)/\(name)", &information) == 0 else {
                    throw POSIXError(.init(rawValue: errno) ?? .EIO)
                }
                let times = [information.st_mtim, information.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
                let isFile = information.st_mode & S_IFMT == S_IFREG
                let bytes = isFile ? try Data(contentsOf: URL(filePath: "\(path)/\(name)")).base64EncodedString() : ""
                return "\(name) \(information.st_size) \(information.st_mode) \(information.st_ino) \(times) \(bytes)"
            }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The top of the repository.
package let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
