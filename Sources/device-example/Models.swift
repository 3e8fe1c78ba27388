import Myosin

/// Who uses the device, as in the usage page of Python myosin.
struct User: StateModel {
    /// The identity of the record.
    var id = ModelID()
    /// The name that is shown.
    var name: String
    /// An address with an `@`.
    var email: String

    /// Makes a user.
    ///
    /// - Parameters:
    ///   - name: the name that is shown.
    ///   - email: an address with an `@`.
    init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// What the fields mean, and what ``validate()`` demands.
    static var schema: JSONValue {
        [
            "description": "Who uses the device.",
            "properties": [
                "id": ["description": "The identity of the record."],
                "name": ["description": "The name that is shown."],
                "email": ["description": "An address with an @.", "pattern": "@"],
            ],
        ]
    }

    /// Refuses addresses without an `@`.
    func validate() throws {
        // A scalar as in the pattern, which asks for no more: one with an accent on it is another character.
        guard email.unicodeScalars.contains("@") else {
            throw ValidationError(\Self.email, "is not an address; it needs an @")
        }
    }
}

/// What the sensor reads.
struct Telemetry: StateModel {
    /// The identity of the record.
    var id = ModelID()
    /// The temperature of the air, in degrees Celsius.
    var temperature = 21.5
    /// The relative humidity of the air, in percent.
    var humidity = 40.0

    /// Makes a reading of a mild day.
    init() {}

    /// What the fields mean, and what ``validate()`` demands.
    static var schema: JSONValue {
        [
            "description": "What the sensor reads.",
            "properties": [
                "id": ["description": "The identity of the record."],
                "temperature": ["description": "The temperature of the air.", "x-unit": "celsius"],
                "humidity": [
                    "description": "The relative humidity of the air.", "x-unit": "percent", "minimum": 0,
                    "maximum": 100,
                ],
            ],
        ]
    }

    /// Takes over what the example program of Python myosin has left, which says `temp`.
    static func migrate(_ document: inout JSONObject, from version: Int) throws {
        if version == 0 { document.rename("temp", to: "temperature") }
    }

    /// Refuses humidities that air cannot have.
    func validate() throws {
        guard (0...100).contains(humidity) else { throw ValidationError(\Self.humidity, "must be between 0 and 100") }
    }
}

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
