import Glibc
import TestSupport
import Testing

@testable import MyosinCommand

/// Lines that a reader takes, does not take, or can no longer take.
@Suite struct LogWriterTests {
    /// A pipe of which a test reads, or does not.
    private final class TestPipe: Sendable {
        let output: Int32
        let input: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            (output, input) = (ends[0], ends[1])
        }

        deinit { close(output) }

        /// Reads until the text fits.
        func read(until isEnough: (String) -> Bool) throws -> String {
            var bytes: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 64 << 10)
            while !isEnough(String(decoding: bytes, as: UTF8.self)) {
                var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
                try #require(poll(&polled, 1, Int32(patience / .milliseconds(1))) == 1)
                let count = Glibc.read(output, &room, room.count)
                if count <= 0 { break }
                bytes += room[..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func line(_ text: String) -> [UInt8] { Array("\(text)\n".utf8) }

    @Test func linesAreWrittenInOrder() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(pipe.input)
        let lines = (0..<2_000).map { "line \($0)" }
        for text in lines { writer.write(line(text)) }
        let text = try pipe.read { $0.hasSuffix("line 1999\n") }
        #expect(text.split(separator: "\n").map(String.init) == lines)
        #expect(writer.droppedLines == 0)
    }

    @Test(arguments: [false, true]) func aReaderThatComesBackLearnsWhatWasDropped(isNonblocking: Bool) throws {
        let pipe = try TestPipe()
        // Another process may want that of a description that it shares.
        if isNonblocking { _ = fcntl(pipe.input, F_SETFL, O_NONBLOCK) }
        let writer = LogWriter(pipe.input)
        writer.reportGaps { Array("dropped \($0)\n".utf8) }
        let count = 60_000
        for number in 0..<count { writer.write(line("line \(number)")) }
        #expect(writer.droppedLines > 0)
        // Each report stands where its gap is, so the lines and what is reported add up to all, in order.
        let text = try pipe.read { text in text.hasSuffix("\n") && Self.position(after: text) == count }
        #expect(Self.reported(in: text) == writer.droppedLines)
        writer.write(line("after"))
        #expect(try pipe.read { $0 == "after\n" } == "after\n")
    }

    /// How many lines were reported as dropped.
    private static func reported(in text: String) -> Int {
        text.split(separator: "\n")
            .reduce(0) { sum, line in
                line.hasPrefix("dropped ") ? sum + (Int(line.dropFirst(8)) ?? 0) : sum
            }
    }

    /// The number of the next line; nil where one is missing that was not reported.
    private static func position(after text: String) -> Int? {
        var next = 0
        for line in text.split(separator: "\n") {
            if line.hasPrefix("dropped ") {
                next += Int(line.dropFirst(8)) ?? 0
            } else if line == "line \(next)" {
                next += 1
            } else {
                return nil
            }
        }
        return next
    }

    @Test func aLineThatIsLongerThanAPipeFollowsToItsEnd() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(pipe.input)
        let long = String(repeating: "a", count: 300_000)
        writer.write(line(long))
        writer.write(line("after"))
        #expect(try pipe.read { $0.hasSuffix("after\n") } == "\(long)\nafter\n")
    }

    @Test func aReaderThatHasGoneIsCounted() async throws {
        // As the executables do; without it the signal would end the tests.
        signal(SIGPIPE, SIG_IGN)
        let writer = try LogWriter(TestPipe().input)
        for number in 0..<10 { writer.write(line("line \(number)")) }
        try await until { writer.droppedLines == 10 }
    }

    @Test(arguments: ["/dev/full", "/"]) func whatCannotBeWrittenIsCounted(path: String) async throws {
        let number = open(path, path == "/" ? O_RDONLY | O_DIRECTORY : O_WRONLY)
        defer { close(number) }
        let writer = LogWriter(number)
        for number in 0..<10 { writer.write(line("line \(number)")) }
        writer.flush(within: patience)
        #expect(writer.droppedLines == 10)
    }

    @Test func theEndWaitsForWhatCanBeWritten() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(pipe.input)
        for number in 0..<1_000 { writer.write(line("line \(number)")) }
        writer.flush(within: patience)
        var available: Int32 = 0
        #expect(ioctl(pipe.output, UInt(FIONREAD), &available) == 0)
        #expect(Int(available) == (0..<1_000).reduce(0) { $0 + "line \($1)\n".utf8.count })
    }

    @Test func theEndDoesNotWaitForAReaderThatDoesNotRead() throws {
        let pipe = try TestPipe()
        let writer = LogWriter(pipe.input)
        for number in 0..<20_000 { writer.write(line("line \(number)")) }
        // It returns, and the reason of the end has a place.
        writer.flush(within: .milliseconds(1))
        writer.write(line("the reason"), isLast: true)
        #expect(try pipe.read { $0.contains("the reason\n") }.hasSuffix("the reason\n"))
    }
}
