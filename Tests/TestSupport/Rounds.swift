internal import Foundation

/// How many rounds a test of random cases runs: as many as it says, divided by `MYOSIN_TEST_ROUNDS`.
///
/// The variable is a divisor, 1 where it is not set. `make race-test` sets it, since everything is slower under the
/// thread sanitizer; nothing in Swift tells whether that is on.
package func rounds(_ full: Int) -> Int {
    let divisor = ProcessInfo.processInfo.environment["MYOSIN_TEST_ROUNDS"].flatMap { Int($0) } ?? 1
    return max(1, full / max(1, divisor))
}
