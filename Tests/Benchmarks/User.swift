internal import Myosin

/// The model of the usage page of Python myosin, with the same check.
struct User: StateModel {
    var id = ModelID()
    var name: String
    var email: String

    init(name: String, email: String) { (self.name, self.email) = (name, email) }

    func validate() throws {
        guard email.unicodeScalars.contains("@") else { throw ValidationError("/email", "needs an @") }
    }
}
