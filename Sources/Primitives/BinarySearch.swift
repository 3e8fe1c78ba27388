extension Array {
    /// Finds the first element for which a condition holds, by halving the range.
    ///
    /// - Parameter condition: holds for no element before some place, and for all elements from there on.
    /// - Returns: that place; the count if the condition holds for none.
    package func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
