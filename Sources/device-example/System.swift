import Myosin

/// How the device is doing.
struct System: StateModel {
    /// The identity of the record.
    var id = ModelID()
    /// Whether the last report reached the uplink.
    var online = false

    /// What the fields mean.
    static var schema: JSONValue {
        [
            "description": "How the device is doing.",
            "properties": [
                "id": ["description": "The identity of the record."],
                "online": ["description": "Whether the last report reached the uplink."],
            ],
        ]
    }

    /// Makes a system that has reported nothing yet.
    init() {}
}
