// What someone finds out within a minute who never saw the dashboard before: they
// start at the first page and use what they can see there, by its visible name.

import { expect, Repository, test, type Page, type Registry } from "../support/registry";

const DAY = 24 * 60 * 60 * 1000;

/** Noon of a day of last week; 0 is Monday. */
function lastWeek(day: number): Date {
  const now = new Date();
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const monday = today - ((now.getUTCDay() + 6) % 7) * DAY;
  return new Date(monday - 7 * DAY + day * DAY + DAY / 2);
}

/** A day as the dashboard has it in a heading: `Tuesday, 17 November`. */
function heading(at: Date): RegExp {
  const part = (options: Intl.DateTimeFormatOptions) => at.toLocaleString("en", { timeZone: "UTC", ...options });
  return new RegExp(`^${part({ weekday: "long" })}, ${part({ day: "numeric" })} ${part({ month: "long" })}( \\d{4})?$`);
}

/** A registry of three repositories with a past, as a team has it after a while. */
async function team(registry: Registry, folder: string): Promise<{ ui: Repository; charts: Repository; forms: Repository }> {
  const [ui, charts, forms] = [
    await Repository.create(folder, "acme-ui"),
    await Repository.create(folder, "acme-charts"),
    await Repository.create(folder, "acme-forms"),
  ];
  await ui.define(
    { name: "accordion", description: "Sections that open and close" },
    { name: "button", description: "Does something when it is pressed" },
    { name: "date-picker", description: "Chooses a day from a calendar" },
  );
  await ui.commit("Begin", new Date(Date.now() - 90 * DAY));
  await ui.write("ui/button.tsx", `export const name = "button of last month";\n`);
  await ui.commit("Round the corners of the button", new Date(Date.now() - 40 * DAY));
  await ui.write("ui/accordion.tsx", `export const name = "accordion of last week";\n`);
  await ui.commit("Keep the focus inside the accordion", lastWeek(1));
  await charts.define({ name: "bar-chart", description: "Bars beside each other" });
  await charts.commit("Begin with bars", new Date(Date.now() - 80 * DAY));
  await charts.write("ui/bar-chart.tsx", `export const name = "bar chart of last week";\n`);
  await charts.commit("Label the bars", lastWeek(3));
  await forms.define({ name: "phone-field" }, { name: "address-form" });
  await forms.commit("Begin with fields", new Date(Date.now() - 70 * DAY));
  for (const repository of [ui, charts, forms]) await registry.serves(repository);
  return { ui, charts, forms };
}

/** Signed in, and nowhere but on the first page. */
async function newcomer(registry: Registry, page: Page): Promise<void> {
  await registry.signIn(page);
  await expect(page).toHaveURL(`${registry.url}/`);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test("finds a component that they know only vaguely", async ({ registry, page, folder }) => {
      await team(registry, folder);
      await newcomer(registry, page);
      // One word with a mistake in it, one key, one click.
      await page.getByRole("searchbox", { name: "Search components" }).fill("acordion");
      await page.keyboard.press("Enter");
      await page.getByRole("main").getByRole("link", { name: "accordion", exact: true }).click();
      await expect(page.getByRole("heading", { level: 1, name: "accordion" })).toBeVisible();
      await expect(page.getByText("Sections that open and close").first()).toBeVisible();
      await expect(page.getByText(/shadcn@latest add .*accordion/).filter({ visible: true }).first()).toBeVisible();
    });

    test("sees what changed last week", async ({ registry, page, folder }) => {
      await team(registry, folder);
      await newcomer(registry, page);
      await page.getByRole("link", { name: "Last week" }).click();
      const changed = page.getByRole("main");
      for (const [day, subject, component] of [
        [1, "Keep the focus inside the accordion", "accordion"],
        [3, "Label the bars", "bar-chart"],
      ] as const) {
        await expect(changed.getByRole("heading", { name: heading(lastWeek(day)) })).toBeVisible();
        const row = changed.getByRole("listitem").filter({ has: page.getByRole("link", { name: subject }) });
        await expect(row.getByRole("link", { name: component, exact: true })).toBeVisible();
      }
      await expect(changed.getByText("Round the corners of the button")).toHaveCount(0);
      // One more click shows the change itself.
      await changed.getByRole("link", { name: "Label the bars" }).click();
      await expect(page.getByRole("heading", { name: "Label the bars" })).toBeVisible();
      await expect(page.getByRole("main").getByRole("link", { name: "bar-chart" }).first()).toBeVisible();
    });

    test("sees why a sync failed, and what an item lacks", async ({ registry, page, folder }) => {
      const { charts, forms } = await team(registry, folder);
      await charts.write("registry.json", `{ "name": "acme", "items": [ { "name": "bar-chart", } ] }`);
      await charts.commit("Tidy the list up");
      await expect(registry.command("sync", charts.path, "--wait")).rejects.toThrow();
      await forms.list({ name: "phone-field" }, { name: "address-form", files: [{ path: "ui/adress-form.tsx", type: "registry:ui" }] });
      await forms.commit("List the form anew");
      await registry.command("sync", forms.path, "--wait").catch(() => "");
      await newcomer(registry, page);

      // It stands on the first page already: what is broken first, with the fix.
      const attention = page.getByRole("region", { name: "Needs attention" });
      const broken = attention.getByRole("listitem").filter({ has: page.getByRole("link", { name: "acme-charts", exact: true }) });
      for (const told of ["Broken", "registry.json", /line 1 column \d+/, "Correct the JSON"]) {
        await expect(broken.getByText(told).first()).toBeVisible();
      }
      const needy = attention.getByRole("listitem").filter({ has: page.getByRole("link", { name: "acme-forms", exact: true }) });
      for (const told of ["Attention", "registry.json", "address-form", "files.0.path", "Correct the path"]) {
        await expect(needy.getByText(told).first()).toBeVisible();
      }
      // One click leads to all of it.
      await attention.getByRole("link", { name: "Why it failed: acme-charts" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "acme-charts" })).toBeVisible();
      const findings = page.getByRole("listitem").filter({ hasText: "Correct the JSON" });
      await expect(findings.getByText("registry.json", { exact: true })).toBeVisible();
    });
  });
}
