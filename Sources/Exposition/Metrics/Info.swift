extension Registry {
    /// Facts that do not change while the process runs, as labels of a sample with the constant value 1.
    ///
    /// An info is on the page at once and records nothing. In the text formats it is a gauge with a name that ends in `_info`.
    public struct Info: Sendable {
        init() {}
    }
}
