import HTTPTypes
import MicroHTTP
import Myosin
import Primitives
import TestSupport
import Testing

@testable import MyosinService

/// Conditional requests, RFC 9110 section 13.
@Suite struct ConditionTests {
    /// A model at revision 4 whose last change was at this second, with a fraction.
    private static let validators = Preconditions.Validators(tag: RevisionTag("k3f9", 4), time: 784_111_777.5)
    private static let (before, same, after) = (
        "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"
    )

    private static let future = "Fri, 31 Dec 9999 23:59:59 GMT"

    private typealias Row = (
        fields: [(HTTPField.Name, String)], read: Preconditions.Verdict, write: Preconditions.Verdict
    )

    private static let rows: [Row] = [
        ([], .met, .met),
        ([(.ifMatch, "\"k3f9-4\"")], .met, .met),
        ([(.ifMatch, "*")], .met, .met),
        ([(.ifMatch, "\"k3f9-3\"")], .isOther(asWeak: false), .isOther(asWeak: false)),
        ([(.ifMatch, "W/\"k3f9-4\"")], .isOther(asWeak: true), .isOther(asWeak: true)),
        ([(.ifNoneMatch, "\"k3f9-4\"")], .isKnown, .isKnown),
        ([(.ifNoneMatch, "W/\"k3f9-4\"")], .isKnown, .isKnown),
        ([(.ifNoneMatch, "*")], .isKnown, .isKnown),
        ([(.ifNoneMatch, "\"k3f9-3\"")], .met, .met),
        ([(.ifUnmodifiedSince, same)], .met, .met),
        ([(.ifUnmodifiedSince, after)], .met, .met),
        ([(.ifUnmodifiedSince, before)], .isNewer, .isNewer),
        ([(.ifUnmodifiedSince, "yesterday")], .met, .met),
        ([(.ifModifiedSince, same)], .isKnown, .met),
        ([(.ifModifiedSince, after)], .isKnown, .met),
        ([(.ifModifiedSince, before)], .met, .met),
        ([(.ifModifiedSince, "yesterday")], .met, .met),
        // What is still to come was told by a clock that was wrong.
        ([(.ifUnmodifiedSince, future)], .isUnknown, .isUnknown),
        ([(.ifModifiedSince, future)], .met, .met),
        ([(.ifMatch, "\"k3f9-4\""), (.ifUnmodifiedSince, future)], .met, .met),
        // If-Match comes before If-Unmodified-Since, If-None-Match before If-Modified-Since, the former two before the latter.
        ([(.ifMatch, "\"k3f9-4\""), (.ifUnmodifiedSince, before)], .met, .met),
        ([(.ifNoneMatch, "\"k3f9-3\""), (.ifModifiedSince, after)], .met, .met),
        ([(.ifMatch, "\"k3f9-3\""), (.ifNoneMatch, "\"k3f9-4\"")], .isOther(asWeak: false), .isOther(asWeak: false)),
        ([(.ifMatch, "\"k3f9-4\""), (.ifNoneMatch, "\"k3f9-4\"")], .isKnown, .isKnown),
        ([(.ifUnmodifiedSince, before), (.ifNoneMatch, "\"k3f9-4\"")], .isNewer, .isNewer),
        ([(.ifUnmodifiedSince, after), (.ifModifiedSince, same)], .isKnown, .met),
    ]

    @Test(arguments: rows.indices) func conditionsAreEvaluatedInOrder(index: Int) throws {
        let row = Self.rows[index]
        let request = Request(Call(.get, "/state/User", row.fields).owned(listener: Place.loopback.bound))
        let conditions = try Preconditions(of: request, tag: RevisionTag("k3f9", 4))
        #expect(conditions.verdict(on: Self.validators, isRead: true) == row.read)
        #expect(conditions.verdict(on: Self.validators, isRead: false) == row.write)
    }

    /// Waits until the clock that answers are dated by, which lags by some milliseconds, has come to this moment.
    private static func waitForTheClockOfDates() throws {
        let now = WallClock.seconds
        try waitUntil { WallClock.coarseSeconds >= now }
    }

    @Test(arguments: Way.allCases) func readingTakesConditionsToo(way: Way) throws {
        let fixture = try Fixture(way)
        try Self.waitForTheClockOfDates()
        let date = try #require(try fixture.reply(to: .get("/state/User")).fields[.lastModified])
        for path in ["/state/User", "/state/User/name"] {
            for method in [HTTPRequest.Method.get, .head] {
                let known = try fixture.reply(to: Call(method, path, [(.ifModifiedSince, date)]))
                #expect(known.status == 304 && known.text == "")
                #expect(known.fields[.eTag] == "\"k3f9-4\"" && known.fields[.lastModified] == date)
                #expect(known.fields[.cacheControl] == "no-cache" && known.fields[.contentType] == nil)
            }
            let refused = try Refused(try fixture.reply(to: .get(path, (.ifMatch, "\"k3f9-3\""))))
            #expect(refused.status == 412)
        }
        #expect(try fixture.reply(to: .get("/state", (.ifNoneMatch, "\"k3f9-4\""))).status == 304)
        #expect(try fixture.reply(to: .get("/state", (.ifModifiedSince, date))).status == 200)
    }

    @Test(arguments: Way.allCases) func aWriteToWhatWasChangedSinceIsRefused(way: Way) throws {
        let fixture = try Fixture(way)
        let put = Call.put("/state/User", Text.newUser, (.ifUnmodifiedSince, "Sun, 06 Nov 1994 08:49:37 GMT"))
        let refused = try Refused(try fixture.reply(to: put))
        #expect(refused.status == 412)
        #expect(
            refused.detail
                == "User is at revision k3f9-4 and was changed after If-Unmodified-Since. Read it again and repeat the change."
        )
    }

    @Test(arguments: Way.allCases) func aWriteOnADateToComeIsRefused(way: Way) throws {
        let fixture = try Fixture(way)
        let put = Call.put("/state/User", Text.newUser, (.ifUnmodifiedSince, Self.future))
        let refused = try Refused(try fixture.reply(to: put))
        #expect(refused.status == 412)
        #expect(
            refused.detail
                == "User is at revision k3f9-4, and If-Unmodified-Since is later than now. Read it again and repeat the change, with "
                + "-H 'If-Match: \"k3f9-4\"'."
        )
        // The state as a whole has no date.
        let patch = Call.patch("/state", #"{"User":{"name":"cS"}}"#, (.ifUnmodifiedSince, Self.future))
        #expect(try fixture.reply(to: patch).status == 200)
    }

    /// It changes between the two looks at the conditions: of the request, and of what the write builds on.
    @Test func aWriteThatComesTooLateForItsDateSaysSo() async throws {
        let store = ControlledStore()
        let fixture = try Fixture(.direct, store: store)
        let date = try #require(try fixture.reply(to: .get("/state/User")).fields[.lastModified])
        store.block()
        let first = try fixture.begin(.put("/state/User", Text.newUser))
        #expect(try await store.waitForCommit())
        // In whole seconds; the first is pending, and its time is what the second builds on.
        try await until { WallClock.seconds.rounded(.down) > (HTTPDate.seconds(date) ?? 0) }
        let other = try fixture.begin(.patch("/state/User", #"{"name":"other"}"#))
        let second = try fixture.begin(.patch("/state/User", #"{"name":"x"}"#, (.ifUnmodifiedSince, date)))
        store.unblock()
        #expect(try first.reply().status == 200 && other.reply().status == 200)
        let refused = try Refused(try second.reply())
        #expect(refused.status == 412 && refused.detail.contains("was changed after If-Unmodified-Since"))
    }

    /// The store was written under a clock that was wrong: no answer is dated later than it is sent.
    @Test(arguments: Way.allCases) func aDocumentOfATimeToComeIsDatedNow(way: Way) throws {
        let text = Array(Text.newUser.utf8)
        let stored = StoredDocument(model: "User", schemaVersion: 1, revision: 7, time: 4e9, text: text)
        let fixture = try Fixture(way, store: ControlledStore([stored]))
        try Self.waitForTheClockOfDates()
        let date = try #require(try fixture.reply(to: .get("/state/User")).fields[.lastModified])
        #expect(try #require(HTTPDate.seconds(date)) <= WallClock.seconds)
        let written = try #require(HTTPDate.text(4e9))
        #expect(try fixture.reply(to: .get("/state/User", (.ifModifiedSince, written))).status == 200)
        #expect(try fixture.reply(to: .get("/state/User", (.ifModifiedSince, date))).status == 304)
        #expect(try fixture.reply(to: .put("/state/User", Text.user, (.ifUnmodifiedSince, date))).status == 200)
    }

    private static let dates: [(text: String, seconds: Double?)] = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 29 Feb 2024 23:59:60 GMT", 1_709_251_200), ("Friday, 06-Nov-26 00:00:00 GMT", 1_793_923_200),
        ("Sun, 06 Nov 1994 08:49:37", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
        ("Sun, 31 Feb 1994 08:49:37 GMT", nil),
        ("Sun, 06 Nov 94 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 8:49:37 GMT", nil),
        ("Sun, 06 Nov 1994 24:00:00 GMT", nil), ("Sun, 06 Nov 1994 15:zz:04:43 GMT", nil),
        ("Sun, 06 Nov 1994 15::04:15 GMT", nil), ("Sun, 06 Nov 1994 :15:04:43 GMT", nil),
        ("Sun, 06 Nov 1994 15:04:43: GMT", nil), ("Sun, 06 Nov 1994 15:4:43:11 GMT", nil),
        ("Sun, 06 nov 1994 08:49:37 GMT", nil), ("06 Nov 1994 08:49:37 GMT", nil), ("", nil), ("1994", nil),
        (",-", nil),
        ("Sun, 0x Nov 1994 08:49:37 GMT", nil),
    ]

    @Test(arguments: dates) func datesAreReadInAllThreeForms(_ date: (text: String, seconds: Double?)) {
        #expect(HTTPDate.seconds(date.text) == date.seconds)
    }

    @Test(arguments: [.nan, -.infinity, -1e300] as [Double], Way.allCases)
    func aDocumentOfNonsensicalTimeIsServedWithoutLastModified(seconds: Double, way: Way) throws {
        let text = Array(Text.newUser.utf8)
        let stored = StoredDocument(model: "User", schemaVersion: 1, revision: 7, time: seconds, text: text)
        let fixture = try Fixture(way, store: ControlledStore([stored]))
        let reply = try fixture.reply(to: .get("/state/User"))
        #expect(reply.status == 200)
        #expect(reply.text == Text.newUser + "\n")
        #expect(reply.fields[.eTag] == "\"k3f9-7\"")
        #expect(reply.fields[.lastModified] == nil)
    }
}

@Suite struct AcceptTests {
    @Test(arguments: [
        ("application/json", true), ("*/*", true), ("application/*", true), ("text/html, */*;q=0.8", true), ("", true),
        ("APPLICATION/JSON", true), ("application/json;charset=utf-8", true),
        ("text/html,application/json;q=0.001", true),
        ("text/html", false), ("application/xml, text/*", false), ("application/json;q=0", false),
        ("*/*, application/json;q=0", false), ("application/*;q=0, */*", false),
        ("application/json; q=0.0 , text/html", false), ("application/json;q=abc, text/html", false),
        ("application/json;q=5, text/html", false),
        ("nonsense", true),
    ])
    func jsonIsSentToThoseWhoTakeIt(accept: String, isTaken: Bool) throws {
        for way in Way.allCases {
            let fixture = try Fixture(way)
            for call in [
                Call.get("/state", (.accept, accept)), .get("/state/User", (.accept, accept)),
                .get("/state/User/name", (.accept, accept)), .put("/state/User", Text.newUser, (.accept, accept)),
                .patch("/state", "{}", (.accept, accept)), .get("/schema", (.accept, accept)),
            ] {
                let reply = try fixture.reply(to: call)
                #expect(reply.status == (isTaken ? 200 : 406), "\(call.method) \(call.path)")
                if !isTaken { _ = try Refused(reply) }
            }
            #expect(try fixture.reply(to: .get("/metrics", (.accept, accept))).status == 200)
            #expect(try fixture.reply(to: .get("/healthz", (.accept, accept))).status == 200)
        }
    }

    @Test func theAnswerSaysWhatToType() throws {
        let refused = try Refused(try Fixture(.direct).reply(to: .get("/state", (.accept, "text/html"))))
        #expect(
            refused.detail
                == "The answer is application/json, which Accept: text/html does not take. Leave Accept out, or "
                + "type -H 'Accept: application/json'."
        )
    }
}
