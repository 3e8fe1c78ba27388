import Greenhouse

try await runGreenhouse(CommandLine.arguments)
