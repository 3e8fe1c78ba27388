internal import Foundation
internal import Primitives

/// A socket to which programs report as to systemd, and what they have reported.
package final class ReportSocket: Sendable {
    /// The variable that names the socket.
    package let environment: [String: String]
    private let directory: TemporaryDirectory
    private let descriptor: Int32
    private let received = Lock<[String]>([])

    /// Why there is no socket.
    package struct Failure: Error {
        /// What has failed.
        package let what: String
    }

    /// Makes the socket, in a directory of its own.
    package init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path + "/reports"
        environment = ["NOTIFY_SOCKET": path]
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if bound != 0 { throw Failure(what: "\(path) cannot be bound: \(String(cString: strerror(errno)))") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// All reports so far, in order.
    package var reports: [String] {
        received.withLock { received in
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count <= 0 { return received }
                received.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
        }
    }

    /// The reports but those that are repeated at intervals.
    package var steps: [String] { reports.filter { !$0.hasPrefix("WATCHDOG") && !$0.hasPrefix("EXTEND") } }
}
