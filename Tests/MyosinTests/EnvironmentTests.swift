import Glibc
import Myosin
import Testing

/// The cache directory that the environment names, each time in a process of its own: other tests read the environment too.
@Suite struct EnvironmentTests {
    @Test func theVariableNamesTheCacheDirectory() async {
        await #expect(processExitsWith: .success) {
            setenv(State.Cache.environmentVariable, "/var/lib/myosin", 1)
            guard case .directory("/var/lib/myosin", _) = State.Cache.fromEnvironment else { exit(1) }
        }
    }

    @Test func withoutTheVariableThereIsNoCache() async {
        await #expect(processExitsWith: .success) {
            unsetenv(State.Cache.environmentVariable)
            guard case .none = State.Cache.fromEnvironment else { exit(1) }
            setenv(State.Cache.environmentVariable, "", 1)
            guard case .none = State.Cache.fromEnvironment else { exit(2) }
        }
    }
}
