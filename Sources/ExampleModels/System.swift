package import Myosin

/// How the device is doing.
package struct System: StateModel {
    /// The identity of the record.
    package var id = ModelID()
    /// Whether the last report reached the uplink.
    package var online = false

    /// What the fields mean.
    package static var schema: JSONValue {
        [
            "description": "How the device is doing.",
            "properties": [
                "id": ["description": "The identity of the record."],
                "online": ["description": "Whether the last report reached the uplink."],
            ],
        ]
    }

    /// Makes a system that has reported nothing yet.
    package init() {}
}
