import Glibc

/// A socket in the file system that a process has left when it died.
enum StaleSocket {
    /// Leaves a socket without a listener.
    static func leave(at path: String) {
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: address) {
            _ = bind(
                dead,
                UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_un>.size)
            )
        }
        close(dead)
    }
}
