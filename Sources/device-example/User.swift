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
            throw ValidationError("/email", "is not an address; it needs an @")
        }
    }
}
