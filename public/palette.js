// The command palette: every page, every action, repositories, and components as
// they are typed. It comes with the first ⌘K or the header's button; its words and
// rows come from the server. What was chosen before stands first.

const link = document.querySelector("[data-palette]");
const make = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
};

const field = make("input", {
  type: "text", role: "combobox", id: "palette-field", "aria-controls": "palette-rows", "aria-expanded": "true", "aria-autocomplete": "list",
  "aria-label": link.dataset.palette, placeholder: link.dataset.palette, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go",
});
const list = make("div", { role: "listbox", id: "palette-rows", "aria-label": link.dataset.palette });
const found = make("p", { class: "sr-only", role: "status" });
const close = make("button", { type: "button", "aria-label": "Esc" }, make("kbd", {}, "Esc"));
const dialog = make("dialog", { class: "palette", "aria-label": link.dataset.palette }, make("header", {}, field, close), list, found);
document.body.append(dialog);

let told; // what the server said: words and rows
let components = []; // what it found for `asked`
let asked = "";
let shown = []; // the rows in the list, in order
let at = 0; // which of them is chosen
let waiting; // the question that is under way
let chosenEarly = false; // Enter came before its answer

export async function open() {
  if (dialog.open) return field.select();
  dialog.showModal();
  field.select();
  // Asked for each time: repositories come and go. The rows of before stand until then.
  if (told) show();
  const answer = await ask("/api/internal/palette");
  if (answer) told = answer;
  show();
}

async function ask(address, signal) {
  try {
    const answer = await fetch(address, { headers: { accept: "application/json" }, signal });
    // The session has ended: the page itself says how to sign in.
    if (answer.status === 401) location.reload();
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined; // overtaken by the next letter, or the server is away
  }
}

// The browser's history knows the same addresses, so they tell nothing new.
const key = () => `palette:${told.organisation}`;
function recent() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? [];
  } catch {
    return [];
  }
}
function remember({ label, href, mono }) {
  const others = recent().filter((row) => row.href !== href);
  try {
    localStorage.setItem(key(), JSON.stringify([{ label, href, mono }, ...others].slice(0, 5)));
  } catch {
    // Storage is denied or full: nothing is remembered.
  }
}

/** How well a row fits: 0 is best, nothing is not at all. */
function fit(row, words) {
  const label = row.label.toLowerCase();
  const all = `${label} ${row.also ?? ""}`.toLowerCase();
  if (!words.every((word) => all.includes(word))) return undefined;
  if (label.startsWith(words[0])) return 0;
  return words.every((word) => ` ${all}`.includes(` ${word}`)) ? 1 : 2;
}

function show() {
  if (!told) return;
  const { words, rows } = told;
  const typed = field.value.trim();
  const there = rows.filter((row) => !row.press || document.getElementById(row.press));
  const before = recent().map((row) => ({ ...row, group: words.recent }));
  const known = new Set(before.map((row) => row.href));
  if (typed === "") {
    shown = [...before, ...there.filter((row) => !row.sync && (row.press || !known.has(row.href)))];
  } else {
    const parts = typed.toLowerCase().split(/\s+/);
    const fitting = [...before, ...there.filter((row) => row.sync || row.press || !known.has(row.href))]
      .map((row) => ({ row, fit: fit(row, parts) }))
      .filter(({ fit }) => fit !== undefined)
      .sort((a, b) => a.fit - b.fit);
    const found = components.filter((row) => !known.has(row.href)).map((row) => ({ ...row, group: words.components }));
    const all = { group: words.components, label: words.search.replace("{}", typed), href: `/components?q=${encodeURIComponent(typed)}`, passing: true };
    shown = [...fitting.slice(0, 8).map(({ row }) => row), ...found, all];
  }
  at = Math.min(at, shown.length - 1);
  draw();
}

function draw() {
  const groups = new Map();
  shown.forEach((row, nth) => {
    if (!groups.has(row.group)) groups.set(row.group, []);
    groups.get(row.group).push(nth);
  });
  // As they are drawn, so that the arrows go downwards.
  shown = [...groups.values()].flat().map((nth) => shown[nth]);
  let nth = 0;
  const drawn = [...groups].map(([group, rows], of) => {
    const name = `palette-group-${of}`;
    return make("div", { role: "group", "aria-labelledby": name }, make("p", { id: name }, group), ...rows.map(() => option(shown[nth], nth++)));
  });
  list.replaceChildren(...drawn);
  found.textContent = told.words.found.replace("{}", shown.length);
  choose(at, false);
}

function option(row, nth) {
  const label = make("span", row.mono ? { class: "mono" } : {}, row.label);
  const keys = (row.keys ?? "").split(" ").filter(Boolean).map((key) => make("kbd", {}, key));
  const node = make("div", { role: "option", id: `palette-row-${nth}`, "aria-selected": "false" }, label);
  if (row.detail) node.append(make("span", { class: "detail" }, row.detail));
  if (keys.length) node.append(make("span", { class: "keys", "aria-hidden": "true" }, ...keys));
  node.addEventListener("click", (event) => go(row, event.metaKey || event.ctrlKey));
  node.addEventListener("pointermove", () => at === nth || choose(nth, false));
  return node;
}

function choose(nth, into = true) {
  list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
  at = nth;
  const node = document.getElementById(`palette-row-${nth}`);
  field.setAttribute("aria-activedescendant", node?.id ?? "");
  node?.setAttribute("aria-selected", "true");
  if (into) (nth === 0 ? list.firstElementChild : node)?.scrollIntoView({ block: "nearest" });
}

async function go(row, aside) {
  if (row.press) {
    dialog.close();
    const pressed = document.getElementById(row.press);
    return pressed.showModal ? pressed.showModal() : pressed.click();
  }
  if (!row.passing && !row.sync) remember(row);
  if (aside && !row.sync) return window.open(row.href, "_blank", "noopener");
  if (row.sync) {
    const headers = { "content-type": "application/json" };
    // Whatever comes of it, the repository's page says.
    await fetch("/api/internal/registry/sync", { method: "POST", headers, body: JSON.stringify({ repoId: row.sync }) }).catch(() => {});
  }
  dialog.close();
  location.href = row.href;
}

async function search() {
  const typed = field.value.trim();
  at = 0;
  chosenEarly = false;
  waiting?.abort();
  waiting = undefined;
  if (typed === "") components = [];
  show();
  if (typed === "" || typed === asked) return;
  const mine = (waiting = new AbortController());
  const answer = await ask(`/api/internal/components?limit=8&q=${encodeURIComponent(typed)}`, mine.signal);
  if (waiting !== mine) return;
  waiting = undefined;
  asked = answer ? typed : "";
  components = (answer?.rows ?? []).map(({ name, repositoryName }) => ({
    label: name, detail: repositoryName, mono: true, href: `/components/${name}`,
  }));
  show();
  if (chosenEarly && shown[at]) go(shown[at]);
}

field.addEventListener("input", search);
close.addEventListener("click", () => dialog.close());
// A click beside it closes it.
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
dialog.addEventListener("close", () => {
  waiting?.abort();
  waiting = undefined;
  field.value = asked = "";
  components = [];
  at = 0;
});
dialog.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey) return;
  const last = shown.length - 1;
  const steps = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at === 0 ? last : at - 1, PageDown: Math.min(at + 8, last), PageUp: Math.max(at - 8, 0) };
  if (event.key in steps && last >= 0) {
    event.preventDefault();
    choose(steps[event.key]);
  } else if (event.key === "Enter" && event.target === field) {
    event.preventDefault();
    // Until the answer is there, what is chosen is not what was meant.
    if (waiting || !shown[at]) chosenEarly = true;
    else go(shown[at], event.metaKey || event.ctrlKey);
  }
});

window.openPalette = open;
open();
