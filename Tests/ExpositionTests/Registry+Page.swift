import Exposition

extension Registry {
    /// The page as text.
    var page: String {
        String(decoding: render(), as: UTF8.self)
    }
}
