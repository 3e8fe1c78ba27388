import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Entity tags and the ids of events across restarts, and across copies of the store that are put back.
@Suite struct IncarnationTests {
    /// How the store of an earlier time comes back.
    enum Return: String, CaseIterable {
        case wholeDirectory = "cp -r former copy; rm -r state; mv copy state"
        // The new files may get the inodes of the removed ones.
        case removedBefore = "rm -r state; cp -r former state"
        case writtenOver = "rm -f state/state.sqlite-*; cp former/* state/"
        case writtenOverWithTimes = "rm -f state/state.sqlite-*; cp -a former/. state/"
        case unpacked = "tar -C former -cf former.tar .; rm -f state/state.sqlite-*; tar -C state -xf former.tar"
        case databaseAlone = "rm state/state.sqlite*; cp former/state.sqlite state/"
        case databaseInPlace = "rm -f state/state.sqlite-*; cp former/state.sqlite state/state.sqlite"
        case command = "myosin-exporter restore former/state.sqlite --state.path state"
        case nothing = "rm -r state"
    }

    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func start(hasStore: Bool = true) throws -> Service {
        try Service("myosin-exporter", hasStore ? ["--state.path", "\(directory.path)/state"] : [])
    }

    private func shell(_ command: String) throws {
        let words = command.replacing("myosin-exporter", with: Program.path(of: "myosin-exporter"))
        let ending = try Program.run("/bin/sh", ["-ec", "cd \"$0\"; \(words)", directory.path])
        try #require(ending.status == 0, "\(command): \(ending.errors)")
    }

    private func set(_ service: Service, _ temperature: Int, _ headers: [String] = []) throws -> Int {
        let words = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", "\(temperature)"] + headers
        let place = "\(service.address)/state/Telemetry/temperature"
        return try #require(Int(try Program.run("/usr/bin/curl", words + Service.curlLimit + [place]).output))
    }

    /// The tag of a model, or of all, in its quotes, in its two parts.
    private func tag(_ service: Service, _ path: String = "/state/Telemetry") throws -> (
        incarnation: String, number: Int
    ) {
        let match = try #require(
            try service.curl(path, "-D", "-").body.firstMatch(of: #/ETag: "([a-z0-9]{4})-([0-9]+)"/#)
        )
        return (String(match.1), try #require(Int(match.2)))
    }

    /// What is told first to who has seen an id.
    private func resumed(_ service: Service, after id: String) throws -> String {
        let watching = try Program(
            "/usr/bin/curl",
            ["-sSN", "-H", "Last-Event-ID: \(id)", "\(service.address)/state/Telemetry?watch"]
        )
        return watching.output { $0.contains("\n\n") }
    }

    @Test(arguments: Return.allCases, [false, true])
    func aTagOfALostTimeMatchesNothing(_ way: Return, isCopiedWhileItRuns: Bool) throws {
        var service = try start()
        #expect(try set(service, 1) == 200)
        if isCopiedWhileItRuns {
            try shell("cp -r state former")
        } else {
            #expect(service.program.end(with: SIGTERM).status == 0)
            try shell("cp -r state former")
            service = try start()
        }
        for temperature in 2...4 { #expect(try set(service, temperature) == 200) }
        let lost = try tag(service)
        let lostEvent = try tag(service, "/state")
        #expect(service.program.end(with: SIGTERM).status == 0)
        try shell(way.rawValue)
        // The numbers of the lost time come again, for other values.
        service = try start()
        var (new, temperature) = (try tag(service), 10)
        #expect(new.incarnation != lost.incarnation)
        while new.number < lost.number {
            temperature += 1
            #expect(try set(service, temperature) == 200)
            new = try tag(service)
        }
        let (known, fresh) = ("\"\(lost.incarnation)-\(new.number)\"", "\"\(new.incarnation)-\(new.number)\"")
        #expect(try service.curl("/state/Telemetry", "-H", "If-None-Match: \(known)").status == 200)
        #expect(try service.curl("/state/Telemetry", "-H", "If-None-Match: \(fresh)").status == 304)
        #expect(try set(service, 30, ["-H", "If-Match: \(known)"]) == 412)
        #expect(try set(service, 30, ["-H", "If-Match: \(fresh)"]) == 200)
        let number = try tag(service, "/state").number
        #expect(try resumed(service, after: "\(lostEvent.incarnation)-\(number - 1)").contains("event: snapshot"))
        #expect(try resumed(service, after: "\(new.incarnation)-\(number - 1)").contains("event: change"))
    }

    @Test func aRestartKeepsTheTags() throws {
        var service = try start()
        #expect(try set(service, 1) == 200)
        let first = try tag(service)
        for signal in [SIGTERM, SIGKILL, SIGTERM] {
            _ = service.program.end(with: signal)
            service = try start()
            #expect(try tag(service) == first)
        }
    }

    @Test func aProcessWithoutAStoreHasTagsOfItsOwn() throws {
        let first = try start(hasStore: false)
        let former = try tag(first)
        #expect(first.program.end(with: SIGTERM).status == 0)
        let second = try start(hasStore: false)
        #expect(try tag(second).incarnation != former.incarnation)
        let known = "If-None-Match: \"\(former.incarnation)-\(try tag(second).number)\""
        #expect(try second.curl("/state/Telemetry", "-H", known).status == 200)
    }
}
