extension Registry {
    /// Facts that do not change while the process runs, as labels of a sample whose value is always 1.
    ///
    /// There is nothing to record: an info is on the page from when it is made. In the text formats it is a gauge whose name ends
    /// in `_info`.
    public struct Info: Sendable {
        init() {}
    }
}
