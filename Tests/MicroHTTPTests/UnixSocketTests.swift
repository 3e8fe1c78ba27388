import Foundation
import HTTPTypes
import MicroHTTP
import Primitives
import TestSupport
import Testing

@Suite struct UnixSocketTests {
    private func status(_ path: String) throws -> stat {
        var information = stat()
        try #require(lstat(path, &information) == 0, "\(path) is missing")
        return information
    }

    /// Whatever the process's umask is: the mode is the whole of it.
    @Test(arguments: [("0660", 0o660), ("600", 0o600), ("0777", 0o777), ("0000", 0)] as [(String, mode_t)])
    func aSocketHasTheModeThatIsWanted(_ text: String, _ mode: mode_t) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/socket"
        let fixture = try Fixture(at: ["unix:\(path),mode=\(text)"])
        #expect(try status(path).st_mode & 0o7777 == mode)
        #expect(fixture.addresses[0] == BoundAddress(path: path))
    }

    /// By its name, and by the number of a group that has none.
    @Test(.enabled(if: getuid() == 0), arguments: [("daemon", 1), ("54321", 54_321)] as [(String, gid_t)])
    func aSocketHasTheGroupThatIsWanted(_ name: String, _ number: gid_t) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/socket"
        let fixture = try Fixture(at: ["unix:\(path),group=\(name),mode=0660"])
        #expect(try status(path).st_gid == number && status(path).st_mode & 0o7777 == 0o660)
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
    }

    @Test(arguments: [
        ("mode=0999", "write it as in mode=0660"), ("mode=7777", "write it as in mode=0660"),
        ("mode=", "write it as in mode=0660"), ("mode=rw", "write it as in mode=0660"),
        ("group=", "write it as in group=www-data"), ("mode=0600,mode=0660", "give it once"),
        ("owner=root", "write unix:PATH,mode=0660,group=NAME"),
    ])
    func aWrongOptionIsRefusedWithTheRightOne(_ option: String, _ advice: String) throws {
        let error = try #require(throws: ServerError.self) { try ListenAddress("unix:/run/a.sock,\(option)") }
        #expect(error.code == .badAddress && error.message.hasSuffix(advice), "\(error)")
    }

    @Test func aGroupThatThereIsNotLeavesNothing() throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: ServerError.self) {
            try Fixture(at: ["unix:\(directory.path)/socket,group=no-such-group"])
        }
        #expect(error.message.contains("there is no group no-such-group"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    /// So long that no other name fits beside it.
    @Test(arguments: [105, 106, 107]) func aPathMayBeAsLongAsTheSystemHasThem(_ bytes: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/" + String(repeating: "d", count: bytes - directory.path.utf8.count - 3)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let fixture = try Fixture(at: ["unix:\(path)/s"])
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["s"])
    }

    @Test func aFileThatIsNoSocketStays() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/socket"
        try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
        let error = try #require(throws: ServerError.self) { try Fixture(at: ["unix:\(path)"]) }
        #expect(error.code == .addressInUse && error.message.contains("remove it or choose another path"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["socket"])
    }

    /// A successor's socket, which took the path while the server answered its last requests, and a file that was put there.
    @Test(arguments: [true, false]) func atTheEndOnlyItsOwnSocketGoes(isSuccessor: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/socket"
        let former = try Fixture(at: ["unix:\(path)"])
        unlink(path)
        if isSuccessor {
            let successor = try Fixture(at: ["unix:\(path)"])
            former.server.stop(within: .seconds(1))
            #expect(try successor.connect().exchange(request("GET /hello")).status == 200)
        } else {
            try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
            former.server.stop(within: .seconds(1))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
        }
    }

    /// What a process that died has left is replaced in one step: there is a socket at every moment.
    @Test func aStaleSocketIsReplacedWithoutAMomentWithoutOne() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/socket"
        let watch = Lock((isOver: false, stops: 0, missing: 0))
        StaleSocket.leave(at: path)
        let observer = try WorkerThread {
            while true {
                let before = watch.withLock { $0 }
                if before.isOver { return }
                // The server that stops removes its socket.
                if access(path, F_OK) != 0 { watch.withLock { if $0.stops == before.stops { $0.missing += 1 } } }
            }
        }
        for _ in 0..<200 {
            let fixture = try Fixture(at: ["unix:\(path)"])
            #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
            // A second name keeps the socket when the server removes the first, as one has that was killed.
            #expect(link(path, "\(path).kept") == 0)
            watch.withLock { watch in
                watch.stops += 1
                fixture.server.stop(within: .seconds(1))
                #expect(rename("\(path).kept", path) == 0)
            }
        }
        watch.withLock { $0.isOver = true }
        observer.join()
        #expect(watch.withLock { $0.missing } == 0)
    }

    /// As long as a path may be, so that no second name fits beside it.
    @Test func aStaleSocketWithALongPathIsReplaced() throws {
        let directory = try TemporaryDirectory()
        let name = String(repeating: "a", count: 104 - directory.path.utf8.count)
        try FileManager.default.createDirectory(atPath: "\(directory.path)/\(name)", withIntermediateDirectories: false)
        let path = "\(directory.path)/\(name)/s"
        StaleSocket.leave(at: path)
        let fixture = try Fixture(at: ["unix:\(path)"])
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
        let error = try #require(throws: ServerError.self) { try Fixture(at: ["unix:\(path)"]) }
        #expect(error.code == .addressInUse)
    }

    /// The highest number stands for "as it is" where the system takes a group.
    @Test func theHighestNumberIsNoGroup() throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: ServerError.self) {
            try Fixture(at: ["unix:\(directory.path)/socket,group=4294967295"])
        }
        #expect(error.message.contains("there is no group 4294967295"))
    }

    /// Of many that start at once exactly one has the path, and that one answers.
    @Test func ofManyThatStartAtOnceOneHasThePath() async throws {
        for _ in 0..<20 {
            let directory = try TemporaryDirectory()
            let path = "\(directory.path)/socket"
            StaleSocket.leave(at: path)
            let address = try ListenAddress("unix:\(path)")
            let servers = await withTaskGroup(of: Server?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let server = Server(configuration: ServerConfiguration(addresses: [address])) { _ in
                            .now(Response(status: .noContent))
                        }
                        // The others get the error that it is taken.
                        return (try? server.start()) == nil ? nil : server
                    }
                }
                return await group.reduce(into: [Server]()) { $0 += [$1].compactMap(\.self) }
            }
            #expect(servers.count == 1)
            #expect(try Client(BoundAddress(path: path)).exchange(request("GET /hello")).status == 204)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["socket"])
        }
    }
}
