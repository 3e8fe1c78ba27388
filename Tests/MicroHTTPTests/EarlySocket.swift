import Glibc
import MicroHTTP
import TestSupport

/// A socket to which clients connect and send before a server accepts there.
///
/// All that they have sent is there when the deadlines of their connections begin, however short those are.
final class EarlySocket {
    private let path = "/tmp/microhttp-early-\(UInt64.random(in: 0 ... .max)).sock"
    private let number: Int32

    init() throws {
        number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) {
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            return bind(number, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), size)
        }
        guard result == 0, listen(number, 16) == 0 else {
            throw RawConnection.Failure(what: "\(path) cannot be listened on: \(errno)")
        }
    }

    deinit {
        close(number)
        unlink(path)
    }

    func connect() throws -> Client { try Client(BoundAddress(path: path)) }

    /// Starts a server that accepts there.
    func serve(limits: ServerLimits, _ routes: [Route] = Fixture.routes) throws -> Fixture {
        try Fixture(at: ["fd:\(number)"], limits: limits, routes)
    }
}
