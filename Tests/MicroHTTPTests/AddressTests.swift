import MicroHTTP
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "127.0.0.1:8000", "0.0.0.0:0", "localhost:8000", ":8000", "[::1]:65535", "[2001:db8::1]:1", "unix:/tmp/a.sock",
        "unix:relative", "unix:/a,mode=0660", "unix:/a,mode=0600,group=www-data", "unix:/a,group=33", "unix:/a,b,c",
    ])
    func anAddressIsPrintedAsItWasWritten(_ text: String) throws {
        #expect(try ListenAddress(text).description == text)
    }

    @Test(arguments: [
        "", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1",
        "127.0.0.256:1", "example.org:80", "::1:80", "[::1]", "[::g]:1", "[127.0.0.1]:1", "unix:", "unix:a\0b",
        "unix:,mode=0660", "127.0.0.1:8000,mode=0660",
        "unix:/" + String(repeating: "a", count: 107),
    ])
    func whatIsNoAddressIsRefusedWithTheForms(_ text: String) throws {
        let error = try #require(throws: ServerError.self) { try ListenAddress(text) }
        #expect(error.code == .badAddress)
        #expect(error.message.contains("127.0.0.1:8000"))
        #expect(error.message.contains("unix:/"))
    }

    /// It would be taken for a part of the path, and the socket be open to more than those who are meant.
    @Test(arguments: [
        "mode=0600, group=33", " mode=0600", "MODE=0600", "mode:0600", "mode=0600,", "a=b,c", "access", "Group 33",
    ])
    func aMistypedOptionIsNoPartOfThePath(_ options: String) throws {
        let error = try #require(throws: ServerError.self) { try ListenAddress("unix:/a,\(options)") }
        #expect(error.code == .badAddress)
        #expect(error.message.contains("unix:PATH,mode=0660,group=NAME"), "\(error.message)")
    }

    @Test(arguments: [
        (BoundAddress(host: "127.0.0.1", port: 1), true), (BoundAddress(host: "127.9.9.9", port: 1), true),
        (BoundAddress(host: "::1", port: 1), true), (BoundAddress(path: "/a"), true),
        (BoundAddress(host: "0.0.0.0", port: 1), false), (BoundAddress(host: "::", port: 1), false),
        (BoundAddress(host: "12.7.0.0", port: 1), false),
    ])
    func loopbackIsWhatOnlyThisMachineReaches(_ address: BoundAddress, _ isLoopback: Bool) {
        #expect(address.isLoopback == isLoopback)
    }
}
