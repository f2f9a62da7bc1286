//! The audit trail.

use super::{SettingsHead, SettingsPage};
use crate::app::words::t;
use crate::{
    app::{
        data::AuditData,
        format::{exact, href},
        icons::{Glyph, Icon},
        parts::{Empty, HERE, When, around, titled},
    },
    service::EventsPage,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::EventView;
use serde_json::Value;

const PATH: &str = "/settings/audit";

/// Who did what, newest first.
#[component]
pub fn AuditView(
    /// What the page shows.
    data: AuditData,
) -> impl IntoView {
    let AuditData { page, actor, action, actions, people } = data;
    let EventsPage { rows, offset, limit, more } = page;
    let is_filtered = !actor.is_empty() || !action.is_empty();
    let options = actions
        .into_iter()
        .map(|value| view! { <option value=value selected=value == action>{value}</option> })
        .collect_view();
    let at = |offset: usize| {
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        href(PATH, &[("actor", &actor), ("action", &action), ("offset", &offset)])
    };
    let newer = (offset > 0).then(|| {
        view! { <a class="button" rel="prev" href=at(offset.saturating_sub(limit))><Icon glyph=Glyph::Back/>{t!("Newer")}</a> }
    });
    let older = more.then(|| {
        view! { <a class="button" rel="next" href=at(offset + limit)>{t!("Older")}<Icon glyph=Glyph::Forward/></a> }
    });
    let export = |format: &str| {
        href("/api/internal/audit/export", &[("actor", &actor), ("action", &action), ("format", format)])
    };
    let exports = view! {
        <p class="hint elsewhere">
            {around(
                if is_filtered {
                    t!("Export what matches as %{csv} or %{lines}.", csv = HERE, lines = HERE)
                } else {
                    t!("Export everything as %{csv} or %{lines}.", csv = HERE, lines = HERE)
                },
                [("csv", "CSV"), ("jsonl", "JSON lines")]
                    .map(|(format, name)| view! { <a href=export(format)>{name}</a> }.into_any()),
            )}
        </p>
    };
    let list = if rows.is_empty() {
        let (title, text) = if is_filtered || offset > 0 {
            (t!("Nothing matches"), t!("Nothing of the kind was done."))
        } else {
            (t!("Nothing happened yet"), t!("Every change is listed here: who made it, when, and from where."))
        };
        view! { <Empty title text/> }.into_any()
    } else {
        let rows = rows.into_iter().map(|event| {
            let who = people.called(&event.actor);
            view! { <Row event who/> }
        });
        view! {
            <table class="list audit">
                <thead>
                    <tr>
                        <th scope="col">{t!("What")}</th>
                        <th scope="col">{t!("Who")}</th>
                        <th scope="col">{t!("From")}</th>
                        <th scope="col">{t!("When")}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            <nav class="pager" aria-label=t!("Pages")><span></span><span class="steps">{newer}{older}</span></nav>
        }
        .into_any()
    };
    view! {
        <Title text=titled(t!("Audit"))/>
        <SettingsHead current=SettingsPage::Audit/>
        <form class="filter audit-filter" method="get" action=PATH role="search">
            <label>
                <span class="sr-only">{t!("Who")}</span>
                <input name="actor" value=actor.clone() placeholder=t!("Anyone, or person:… token:…") autocomplete="off" spellcheck="false"/>
            </label>
            <label>
                <span class="sr-only">{t!("What")}</span>
                <select name="action"><option value="">{t!("All actions")}</option>{options}</select>
            </label>
            <button class="button">{t!("Filter")}</button>
            {is_filtered.then(|| view! { <a class="button ghost" href=PATH>{t!("Show all")}</a> })}
        </form>
        {list}
        {exports}
    }
    .into_any()
}

/// What more there is to tell of an event: its fields one after the other.
fn told(detail: &Value) -> String {
    let Value::Object(fields) = detail else { return detail.to_string() };
    let told = fields.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| match value {
        // A commit is known by its first digits.
        Value::String(text) if name == "commit" && text.len() == 40 => {
            format!("{name}: {}", &text[..text.floor_char_boundary(7)])
        }
        Value::String(text) => format!("{name}: {text}"),
        Value::Number(at) if name.ends_with("At") || name.ends_with("Until") => {
            format!("{name}: {}", exact(at.as_i64().unwrap_or_default()))
        }
        Value::Object(_) => told(value),
        _ => format!("{name}: {value}"),
    });
    told.filter(|told| !told.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// What an event was about, as people call it: the repository's page and name, or the subject itself.
#[component]
fn Subject(action: String, subject: String, name: Option<String>) -> impl IntoView {
    match name {
        Some(name) if action.starts_with("repository.") && !action.ends_with(".remove") => {
            view! { <a class="about" href=format!("/registry/{subject}")>{name}</a> }.into_any()
        }
        Some(name) => view! { <span class="about" title=subject>{name}</span> }.into_any(),
        None => view! { <span class="about mono">{subject}</span> }.into_any(),
    }
}

#[component]
fn Row(event: EventView, who: String) -> impl IntoView {
    let EventView { at, actor, address, action, subject, mut detail, .. } = event;
    // What it is called stands for its id, and is not told twice.
    let name = match detail.as_mut().and_then(Value::as_object_mut).and_then(|fields| fields.remove("name")) {
        Some(Value::String(name)) => Some(name),
        _ => None,
    };
    let detail = detail.map(|detail| told(&detail)).filter(|detail| !detail.is_empty());
    let from = address.or_else(|| (actor == "operator").then(|| t!("this machine").into_owned()));
    view! {
        <tr>
            <th scope="row">
                <a class="mono" href=href(PATH, &[("action", &action)])>{action.clone()}</a>
                <Subject action subject name/>
                {detail.map(|detail| view! { <span class="sub detail">{detail}</span> })}
            </th>
            <td data-of="who"><a href=href(PATH, &[("actor", &actor)]) title=actor.clone()>{who}</a></td>
            <td data-of="from" class="mono">{from}</td>
            <td data-of="sync"><When at/></td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_more_there_is_to_tell_reads_like_a_line() {
        let detail = json!({ "name": "ci", "expiresAt": 1_700_000_000_000_i64, "by": null, "changes": { "branch": "next" }, "items": 3 });
        assert_eq!(told(&detail), "name: ci · expiresAt: 14 November 2023, 22:13:20 UTC · branch: next · items: 3");
        assert_eq!(told(&json!({})), "");
    }
}
