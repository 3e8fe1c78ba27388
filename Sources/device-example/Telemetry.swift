import Myosin

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
        guard (0...100).contains(humidity) else { throw ValidationError("/humidity", "must be between 0 and 100") }
    }
}
