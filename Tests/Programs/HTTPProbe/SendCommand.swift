internal import Glibc
internal import Primitives

/// Clients that all send the same requests at once, each on connections of its own.
///
/// A file holds the bytes of a request. Each client begins with another file, and goes on with the next.
struct SendCommand {
    let address: String
    let clients: Int
    /// How often each client sends; 0 is until a line comes on standard input, and once at least.
    let rounds: Int
    let files: [String]

    func run() throws {
        let requests = try files.map(Self.bytes)
        let (statuses, isOver) = (Lock<[Int: Int]>([:]), Lock(false))
        let threads = try (0..<clients)
            .map { number in
                try WorkerThread {
                    var round = 0
                    repeat {
                        let status = Self.send(requests[(number + round) % requests.count], to: address)
                        statuses.withLock { $0[status, default: 0] += 1 }
                        round += 1
                    } while rounds == 0 ? !isOver.withLock({ $0 }) : round < rounds
                }
            }
        HTTPProbe.say("sending")
        if rounds == 0 {
            HTTPProbe.waitForInput()
            isOver.withLock { $0 = true }
        }
        for thread in threads { thread.join() }
        HTTPProbe.say(IdleCommand.list(statuses.withLock { $0 }))
    }

    /// Sends a request on a new connection, and reads its answer.
    ///
    /// - Returns: the status; 0 without an answer.
    private static func send(_ request: [UInt8], to address: String) -> Int {
        do {
            var crowd = try Crowd(address)
            try crowd.connect(1)
            defer { crowd.closeAll() }
            // The server may answer, and close the connection, before it has read everything.
            crowd.send(request, on: 0)
            return crowd.readAnswer(on: 0)?.status ?? 0
        } catch {
            return 0
        }
    }

    private static func bytes(ofFile path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Crowd.Failure(what: "\(path) cannot be opened") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        rewind(file)
        return [UInt8](unsafeUninitializedCapacity: size) { $1 = fread($0.baseAddress, 1, size, file) }
    }
}
