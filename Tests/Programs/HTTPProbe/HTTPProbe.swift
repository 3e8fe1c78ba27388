internal import Glibc

/// What the load tests of the HTTP server run as processes of their own: the server, and crowds of clients.
///
///     http-probe serve [address=127.0.0.1:0] [connections=N] [header=MS] [body=MS] [idle=MS] [write=MS]
///     http-probe latency ADDRESS MILLISECONDS [PATH [get|put|watch]]
///     http-probe slow ADDRESS COUNT head|body|read PERIOD-MS [PATH]
///     http-probe idle ADDRESS COUNT
///     http-probe later ADDRESS COUNT
///     http-probe watch ADDRESS COUNT
///     http-probe mixed ADDRESS REQUESTS
///     http-probe stop ROUNDS CONNECTIONS
///     http-probe neighbours ADDRESS COUNT
///     http-probe count ADDRESS CLIENTS COUNT
///     http-probe write ADDRESS CLIENTS EARLY
///     http-probe events ADDRESS COUNT
///     http-probe send ADDRESS CLIENTS ROUNDS FILE...
///
/// Deadlines of the server are an hour by default. Clients print their counts as `name=value` in one line, after `ready` where a
/// test waits for that.
@main enum HTTPProbe {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        let numbers = words.compactMap { Int($0) }
        switch (words.first, words.count, numbers.count) {
        case ("serve", _, _): try ServeCommand(words.dropFirst()).run()
        case ("latency", 3...5, 1):
            guard let kind = LatencyCommand.Kind(rawValue: words.count > 4 ? words[4] : "get") else { fallthrough }
            try LatencyCommand(
                address: words[1],
                milliseconds: numbers[0],
                path: words.count > 3 ? words[3] : "/hello",
                kind: kind
            )
            .run()
        case ("slow", 5, 2), ("slow", 6, 2):
            guard let kind = SlowCommand.Kind(rawValue: words[3]) else { fallthrough }
            try SlowCommand(
                address: words[1],
                count: numbers[0],
                kind: kind,
                periodMilliseconds: numbers[1],
                path: words.count > 5 ? words[5] : nil
            )
            .run()
        case ("idle", 3, 1): try IdleCommand(address: words[1], count: numbers[0]).run()
        case ("later", 3, 1): try LaterCommand(address: words[1], count: numbers[0]).run()
        case ("watch", 3, 1): try WatchCommand(address: words[1], count: numbers[0]).run()
        case ("mixed", 3, 1): try MixedCommand(address: words[1], requests: numbers[0]).run()
        case ("stop", 3, 2): try StopCommand(rounds: numbers[0], connections: numbers[1]).run()
        case ("neighbours", 3, 1): try NeighboursCommand(address: words[1], count: numbers[0]).run()
        case ("count", 4, 2): try CountCommand(address: words[1], clients: numbers[0], count: numbers[1]).run()
        case ("events", 3, 1): try EventsCommand(address: words[1], count: numbers[0]).run()
        case ("write", 4, 2): try WriteCommand(address: words[1], clients: numbers[0], early: numbers[1]).run()
        case ("send", 5..., 2):
            try SendCommand(address: words[1], clients: numbers[0], rounds: numbers[1], files: Array(words[4...])).run()
        default:
            say("The head of HTTPProbe.swift says what to type.")
            exit(2)
        }
    }

    /// Prints a line at once, also into a file.
    static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // A test that does not read any more needs no line.
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }

    /// Waits for a line on standard input: the test that has started this process wants it to go on.
    ///
    /// - Returns: false when the input has ended.
    @discardableResult
    static func waitForInput() -> Bool {
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) == 1 { if byte == UInt8(ascii: "\n") { return true } }
        return false
    }
}
