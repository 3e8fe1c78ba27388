import Foundation
import TestSupport
import Testing

/// Whether the rules for Prometheus are right, by promtool's word, and whether each alert says what to do.
@Suite struct RulesTests {
    @Test(arguments: [
        ["check", "config", "prometheus.yml"], ["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"],
    ])
    func promtoolFindsNothingWrong(command: [String]) throws {
        let path = "\(PrometheusServer.shippedFiles)/\(command[2])"
        let ending = try Program.run("/usr/bin/promtool", [command[0], command[1], path])
        #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    }

    /// A name of `level:metric:operations` is not mistaken for a metric of a program.
    @Test func recordedSeriesAreNamedAfterWhatTheyAre() throws {
        let recorded = try AlertingRules.shipped().recorded
        #expect(Set(recorded).count == recorded.count && !recorded.isEmpty)
        for name in recorded {
            #expect(
                name.wholeMatch(of: #/(instance|model|family):(myosin|process)_\w+:[a-z0-9]+(_[a-z]+)?(_1?5m)?/#)
                    != nil,
                "\(name)"
            )
        }
    }

    /// Two clusters may have the same instance, so each rule keeps the labels that distinguish them.
    @Test func noRuleMixesTargets() throws {
        for expression in try AlertingRules.shipped().expressions {
            #expect(!expression.contains(#/\b(by|on)\s*\(/#), "\(expression)")
        }
    }

    @Test func everyAlertSaysWhatToDo() throws {
        let runbook = try String(contentsOfFile: repository + "/grafana/RUNBOOK.md", encoding: .utf8)
        let sections = runbook.components(separatedBy: "\n## ").dropFirst()
        // Where a link of GitHub's kind leads to.
        let anchors = sections.map { $0.prefix { $0 != "\n" }.lowercased() }
        let alerts = try AlertingRules.shipped().alerts
        #expect(
            Set(alerts.compactMap(\.alert)) == [
                "MyosinDown", "MyosinGone", "MyosinAbsent", "MyosinCrashLoop", "MyosinReadOnly",
                "MyosinModelQuarantined",
                "MyosinCommitFailures", "MyosinCommitLatencyHigh", "MyosinLockWaitHigh", "MyosinCallbackErrors",
                "MyosinRejections", "MyosinReloadFailed", "MyosinFdExhaustion", "MyosinSeriesDropped",
            ]
        )
        #expect(alerts.count == anchors.count)
        for alert in alerts {
            let name = try #require(alert.alert)
            #expect(alert.for != nil, "\(name)")
            #expect(["critical", "warning"].contains(alert.labels?["severity"]), "\(name)")
            let annotations = alert.annotations ?? [:]
            for key in ["summary", "description"] { #expect(annotations[key]?.hasSuffix(".") == true, "\(name)") }
            #expect(annotations["runbook_url"] == "/grafana/RUNBOOK.md#\(name.lowercased())")
            #expect(anchors.contains(name.lowercased()), "the runbook has no \(name)")
        }
        for section in sections { #expect(section.contains("\n- "), "\(section) has nothing to do") }
    }

    private struct UnitTests: Decodable {
        struct Test: Decodable {
            struct AlertTest: Decodable {
                struct Expected: Decodable { var expLabels: [String: String] }

                var alertname: String
                var expAlerts: [Expected]
            }

            struct ExpressionTest: Decodable { var expr: String }

            var alertRuleTest: [AlertTest]
            var promqlExprTest: [ExpressionTest]?
        }

        var tests: [Test]
    }

    @Test func everyAlertIsTestedFiringAndSilent() throws {
        let tests = try YAMLFile.read("docker/prometheus/rules_test.yml", as: UnitTests.self).tests
        let cases = tests.flatMap(\.alertRuleTest)
        let rules = try AlertingRules.shipped()
        for name in rules.alerts.compactMap(\.alert) {
            #expect(cases.contains { $0.alertname == name && !$0.expAlerts.isEmpty }, "\(name) never fires")
            #expect(cases.contains { $0.alertname == name && $0.expAlerts.isEmpty }, "\(name) is never silent")
        }
        let values = tests.flatMap { $0.promqlExprTest ?? [] }.map(\.expr)
        for name in rules.recorded { #expect(values.contains { $0.contains(name) }, "\(name) has no value") }
    }
}
