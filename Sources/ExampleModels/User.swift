package import Myosin

/// Who uses the device, as in the usage page of Python myosin.
package struct User: StateModel {
    /// The identity of the record.
    package var id = ModelID()
    /// The name that is shown.
    package var name: String
    /// An address with an `@`.
    package var email: String

    /// Makes a user.
    ///
    /// - Parameters:
    ///   - name: the name that is shown.
    ///   - email: an address with an `@`.
    package init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// Refuses addresses without an `@`.
    package func validate() throws {
        guard email.contains("@") else { throw ValidationError("/email", "is not an address; it needs an @") }
    }
}
