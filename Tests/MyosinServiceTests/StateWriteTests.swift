import HTTPTypes
import Myosin
import TestSupport
import Testing

/// `PATCH /state`: several models, all or none.
@Suite struct StateWriteTests {
    private static let two = #"{"User":{"name":"cS","email":"cs@email.com"},"Telemetry":{"temperature":21}}"#
    private static let newTelemetry = #"{"id":"t1","temperature":21,"humidity":40}"#

    @Test(arguments: Way.allCases) func severalModelsChangeTogether(way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: .patch("/state", Self.two, (.ifMatch, "\"k3f9-4\"")))
        #expect(reply.status == 200)
        #expect(reply.text == "{\"User\":\(Text.newUser),\"Telemetry\":\(Self.newTelemetry)}\n")
        #expect(reply.fields[.revision] == "k3f9-5")
        let state = try fixture.reply(to: .get("/state"))
        #expect(state.fields[.eTag] == "\"k3f9-5\"")
        for model in ["User", "Telemetry"] {
            #expect(try fixture.reply(to: .get("/state/\(model)")).fields[.eTag] == "\"k3f9-5\"")
        }
        #expect(try fixture.reply(to: .get("/state/Device")).fields[.eTag] == "\"k3f9-2\"")
    }

    @Test(arguments: [#"{}"#, #"{"User":{}}"#, #"{"User":{"name":"chris"},"Device":{"place":null}}"#], Way.allCases)
    func whatChangesNothingKeepsThePublication(patch: String, way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: .patch("/state", patch))
        #expect(reply.status == 200 && reply.fields[.revision] == "k3f9-4")
        #expect(try fixture.reply(to: .get("/state")).fields[.eTag] == "\"k3f9-4\"")
    }

    private static let wrong: [Failure] = [
        Failure(
            call: .patch("/state", #"{"User":{"name":7},"Telemetry":{"temperature":"x","humidity":1}}"#),
            status: 422,
            detail: "The state was not changed: 2 fields are at fault, see errors.",
            faults: [
                Fault("/User/name", "must be a string, got 7"),
                Fault("/Telemetry/temperature", "must be a number, got a string"),
            ]
        ),
        Failure(
            call: .patch("/state", #"{"User":{"name":"cS"},"Telemetry":{"temperature":"x"}}"#),
            status: 422,
            detail: "The state was not changed: /Telemetry/temperature must be a number, got a string.",
            faults: [Fault("/Telemetry/temperature", "must be a number, got a string")]
        ),
        Failure(
            call: .patch("/state", #"{"Usr":{"name":"cS"},"Device":null,"Counter":7,"User":{"name":1}}"#),
            status: 422,
            detail: "The state was not changed: 4 fields are at fault, see errors.",
            faults: [
                Fault("/Usr", #"is not a model, did you mean "User"?"#),
                Fault("/Device", "must be an object, got null; DELETE /state/Device restores its defaults"),
                Fault("/Counter", "must be an object, got a number"),
                Fault("/User/name", "must be a string, got 1"),
            ]
        ),
        Failure(
            call: .patch("/state", "[]"),
            status: 422,
            detail: "The state was not changed: the body must be an object with the models. Type curl -X PATCH -d "
                + "'{\"Model\": {…}, …}' localhost:8000/state.",
            faults: [Fault("", "must be an object, got an array")]
        ),
        Failure(
            call: .patch("/state", two, (.ifMatch, "\"k3f9-3\"")),
            status: 412,
            detail:
                "The state is at publication k3f9-4, which is not the one expected. Read it again and repeat the change.",
            fields: [.revision: "k3f9-4"]
        ),
        Failure(
            call: .patch("/state", two, (.ifMatch, "4")),
            status: 400,
            detail: #"If-Match: 4 is not an entity tag in quotes. Type -H 'If-Match: "k3f9-4"'."#
        ),
        Failure(
            call: .patch("/state", "{"),
            status: 400,
            detail:
                "The body is not JSON: it ends inside an object (byte 1, line 1, column 2)."
        ),
    ]

    @Test(arguments: wrong, Way.allCases) func wrongPatchesChangeNothing(_ failure: Failure, _ way: Way) throws {
        let fixture = try Fixture(way)
        let reply = try fixture.reply(to: failure.call)
        try failure.check(reply)
        #expect(try fixture.reply(to: .get("/state")).fields[.eTag] == "\"k3f9-4\"")
    }

    /// Also of two that share a flush, so that the later one is not taken for read by who has made the earlier one.
    @Test func theAnswerTellsThePublicationOfItsOwnChange() throws {
        let store = ControlledStore()
        let fixture = try Fixture(.direct, store: store)
        store.block()
        let writes = try (0..<4)
            .map { index in
                let patch =
                    index % 2 == 0 ? #"{"User":{"name":"n\#(index)"}}"# : #"{"Counter":{"count":\#(index)}}"#
                return try fixture.begin(.patch("/state", patch))
            }
        store.unblock()
        for (index, write) in writes.enumerated() {
            #expect(try write.reply().fields[.revision] == "k3f9-\(5 + index)")
        }
    }

    @Test(arguments: Way.allCases) func aGuardedModelWantsACondition(way: Way) throws {
        let fixture = try Fixture(way)
        try fixture.state.load(Guarded())
        let patch = #"{"User":{"name":"cS"},"Guarded":{"limits":{"low":2}}}"#
        let refusal = try fixture.reply(to: .patch("/state", patch))
        let refused = try Refused(refusal)
        #expect(refused.status == 428 && refusal.fields[.revision] == "k3f9-5")
        #expect(
            refused.detail
                == "Guarded is changed only on condition. Type -H 'If-Match: \"k3f9-5\"', which is the number of the "
                + "state's last publication."
        )
        let reply = try fixture.reply(to: .patch("/state", patch, (.ifMatch, "\"k3f9-5\"")))
        #expect(reply.status == 200)
        #expect(reply.text.hasSuffix(#""Guarded":{"id":"g1","limits":{"high":9,"low":2}}}"# + "\n"))
    }
}
