import { defineConfig, devices } from "@playwright/test";
import { existsSync } from "node:fs";

// The system's Chromium where there is one; otherwise the one that
// `npx playwright install chromium` brings.
const system = "/usr/bin/chromium";

export default defineConfig({
  testDir: "tests",
  // These bring a Clerk of their own.
  testIgnore: process.env.EKAIROS_TEST_AUTH === "clerk" ? ["clerk*.spec.ts", "onboarding.spec.ts"] : [],
  outputDir: "test-results",
  reporter: "list",
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices["Desktop Chrome"],
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: existsSync(system) ? system : undefined,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
