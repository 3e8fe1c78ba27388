extension Duration {
    /// The duration as a number of seconds, Prometheus' base unit of time.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        // 1e18 is a Double exactly, 1e-18 is not: the division rounds once, and 5 ms become 0.005.
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
