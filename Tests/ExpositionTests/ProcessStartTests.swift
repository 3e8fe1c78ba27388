import TestSupport
import Testing

@testable import Exposition

@Suite struct ProcessStartTests {
    /// Systemd's `ProcSubset=pid` hides /proc/stat; without any /proc the first use is the best that is known.
    @Test func theStartOfTheProcessIsItsTicksSinceBoot() {
        let clocks = SetClocks()
        let time = clocks.time
        #expect(ProcessStart(startTicks: 12_345, ticksPerSecond: 100, time).secondsSince1970 == 900 + 123.45)
        let unknown = ProcessStart(startTicks: .nan, ticksPerSecond: 100, time)
        #expect(unknown.secondsSince1970 == 1_000)
        clocks.pass(50, wall: 1_000_050)
        #expect(unknown.secondsSince1970 == 1_001_000)
    }

    @Test func theSampleIsTheSameOnEveryPage() throws {
        let registry = Registry()
        try registry.addProcessMetrics()
        func sample() -> Substring? {
            String(decoding: registry.render(), as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("process_start_time_seconds ") }
        }
        let first = try #require(sample())
        #expect(Double(first.split(separator: " ")[1]) ?? 0 > 1_000)
        for _ in 0..<20 { #expect(sample() == first) }
    }
}
