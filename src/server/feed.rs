//! What happened lately, as an Atom feed (RFC 4287).
//!
//! It tells what the page of activity tells, so it wants the same proof. A public
//! registry opens what can be installed and nothing else: who wrote what and when
//! stays inside. Feed readers send a user name and a password, so here, and only
//! here, a token may come as such a password.

use crate::{
    api::ApiError,
    app::{format::visible, pages::repository::history::outcome},
    app_state::AppState,
    auth::{Access, Read},
    service::ActivityQuery,
};
use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use model::{
    Digest, RepositoryId,
    view::{ActivityRow, CommitView, Happening, Millis, PublicationView, SyncView},
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822, macros::format_description};
use uuid::Uuid;

/// Entries of a feed.
const ENTRIES: usize = 50;
const ATOM: HeaderValue = HeaderValue::from_static("application/atom+xml; charset=utf-8");

/// Follow what happens in all repositories, or in one, in a feed reader.
#[utoipa::path(get, path = "/activity.atom", tag = "history", params(ActivityQuery),
    responses((status = 200, description = "The newest 50 entries, as an Atom feed. `offset` and `limit` mean nothing here. The token may also be the password of `Authorization: Basic`", content_type = "application/atom+xml"), (status = 304, description = "Nothing new since `If-None-Match` or `If-Modified-Since`")))]
pub(crate) async fn activity(
    State(state): State<AppState>,
    Query(query): Query<ActivityQuery>,
    mut parts: Parts,
) -> Result<Response, ApiError> {
    token_for_password(&mut parts.headers);
    let access: Access<Read> = state.authenticator.admit(&state, &parts).await?;
    let rows = state.service.happened(&access, &query, ENTRIES).await?;
    let asked = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let name = state.service.tenant(&access)?.catalog.load().identity().name.clone();
    let organisation = access.organisation().as_str();
    let feed = Telling { origin: state.service.origin(), name: &name, organisation, asked: &asked }.feed(&rows);
    Ok(send(&feed, newest(&rows), &parts.headers))
}

/// Takes the password of a feed reader as the token that it is.
fn token_for_password(headers: &mut HeaderMap) {
    let password = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let decoded = BASE64_STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let decoded = String::from_utf8(decoded).ok()?;
        HeaderValue::try_from(format!("Bearer {}", decoded.split_once(':')?.1)).ok()
    });
    if let Some(token) = password {
        headers.insert(header::AUTHORIZATION, token);
    }
}

/// When something in these rows happened last.
fn newest(rows: &[ActivityRow]) -> Millis {
    rows.iter().filter_map(ended).max().unwrap_or_default()
}

/// When something happened; none for what is under way.
fn ended(row: &ActivityRow) -> Option<Millis> {
    match &row.what {
        Happening::Sync(sync) => sync.finished_at.filter(|_| sync.state.is_final()),
        Happening::Commit(_) | Happening::Publication(_) => Some(row.at),
    }
}

fn send(feed: &Feed, changed: Millis, asked: &HeaderMap) -> Response {
    let body = feed.to_string();
    let tag = format!("\"{}\"", Digest::of(body.as_bytes()));
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let unchanged = match (text(header::IF_NONE_MATCH), text(header::IF_MODIFIED_SINCE)) {
        (Some(tags), _) => {
            tags.split(',').any(|one| matches!(one.trim().trim_start_matches("W/"), one if one == tag || one == "*"))
        }
        // What changed since can be older than that: commits are as old as they say.
        (None, Some(since)) => since == http_date(changed),
        (None, None) => false,
    };
    let mut response = if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let headers = response.headers_mut();
    let of_text = |text: String| HeaderValue::try_from(text).expect("digits and ASCII letters");
    headers.insert(header::CONTENT_TYPE, ATOM);
    headers.insert(header::ETAG, of_text(tag));
    headers.insert(header::LAST_MODIFIED, of_text(http_date(changed)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// A date as HTTP has it: `Mon, 16 Nov 2026 12:00:00 GMT`.
fn http_date(at: Millis) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc2822).unwrap_or_default().replace("+0000", "GMT")
}

/// A date as the feed has it.
fn date(at: Millis) -> FixedDateTime {
    let at = OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let text = at.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"));
    text.ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A text with nothing in it that XML 1.0 does not allow, and nothing that is not seen.
fn clean(text: &str) -> String {
    let lines = text.lines().map(visible);
    let lines: Vec<String> = lines.map(|line| line.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")).collect();
    lines.join("\n")
}

/// Who tells, and to whom.
struct Telling<'a> {
    /// Our own address.
    origin: &'a str,
    /// What the registry is called.
    name: &'a str,
    organisation: &'a str,
    /// The query that was asked, with its question mark.
    asked: &'a str,
}

impl Telling<'_> {
    fn feed(&self, rows: &[ActivityRow]) -> Feed {
        // The address alone is not enough: many organisations may have it.
        let id = format!("{}/activity.atom#{}{}", self.origin, self.organisation, self.asked);
        Feed {
            title: Text::plain(clean(&format!("{}: activity", self.name))),
            id: urn(Uuid::new_v5(&Uuid::NAMESPACE_URL, id.as_bytes())),
            updated: date(newest(rows)),
            authors: vec![person(self.name)],
            generator: Some(Generator { value: "Ekairos Registry".to_owned(), ..Generator::default() }),
            links: vec![
                link("self", format!("{}/activity.atom{}", self.origin, self.asked)),
                link("alternate", format!("{}/activity{}", self.origin, self.asked)),
            ],
            entries: rows.iter().filter_map(|row| self.entry(row)).collect(),
            ..Feed::default()
        }
    }

    fn entry(&self, row: &ActivityRow) -> Option<Entry> {
        let entry = match &row.what {
            Happening::Commit(commit) => self.commit(row, commit),
            Happening::Sync(sync) => self.sync(row, sync),
            Happening::Publication(publication) => self.publication(row, publication),
        };
        let repository = Category { term: clean(&row.repository_name), ..Category::default() };
        Some(Entry { updated: date(ended(row)?), published: Some(date(row.at)), categories: vec![repository], ..entry })
    }

    fn page(&self, repository: RepositoryId, rest: &str) -> Vec<Link> {
        vec![link("alternate", format!("{}/registry/{repository}{rest}", self.origin))]
    }

    fn commit(&self, row: &ActivityRow, commit: &CommitView) -> Entry {
        let subject = commit.message.lines().next().map(str::trim).filter(|subject| !subject.is_empty());
        let names: Vec<&str> = commit.components.iter().map(model::ItemName::as_str).collect();
        let touched = if names.is_empty() { String::new() } else { format!("\n\nComponents: {}", names.join(", ")) };
        Entry {
            title: Text::plain(clean(&format!("{}: {}", row.repository_name, subject.unwrap_or("(no message)")))),
            id: of_repository(row.repository, &format!("commit/{}", commit.sha)),
            authors: vec![person(&commit.author)],
            links: self.page(row.repository, &format!("/commits/{}", commit.sha)),
            content: Some(content(&format!("{}{touched}", commit.message.trim_end()))),
            ..Entry::default()
        }
    }

    fn sync(&self, row: &ActivityRow, sync: &SyncView) -> Entry {
        let report = sync.report.clone().unwrap_or_default();
        let told = outcome(&report);
        let failed = sync.state == model::SyncState::Failed;
        let what = if failed { "sync failed" } else { "synced" };
        let findings = report.diagnostics.iter().take(10).map(|found| {
            let place = [&found.file, &found.item, &found.field].into_iter().flatten().cloned().collect::<Vec<_>>();
            format!("\n{} {} {}", place.join(", "), found.message, found.fix.as_deref().unwrap_or_default())
        });
        let findings: String = findings.collect();
        Entry {
            title: Text::plain(clean(&format!("{}: {what}. {told}", row.repository_name))),
            id: urn(sync.id.to_string().parse().unwrap_or_default()),
            authors: vec![person(self.name)],
            links: self.page(row.repository, if failed { "?tab=findings" } else { "?tab=history" }),
            content: Some(content(&format!("{told}\n{findings}"))),
            ..Entry::default()
        }
    }

    fn publication(&self, row: &ActivityRow, publication: &PublicationView) -> Entry {
        let what = if publication.kind == "rollback" { "rolled back" } else { "changed by hand" };
        let told = format!("{}: {what}, {} components served", row.repository_name, publication.count);
        Entry {
            title: Text::plain(clean(&told)),
            id: of_repository(row.repository, &format!("publication/{}", publication.seq)),
            authors: vec![person(self.name)],
            links: self.page(row.repository, "?tab=history"),
            content: Some(content(&told)),
            ..Entry::default()
        }
    }
}

fn urn(id: Uuid) -> String {
    id.urn().to_string()
}

/// The same for the same thing, whatever it is called and wherever it is served.
fn of_repository(repository: RepositoryId, what: &str) -> String {
    let repository: Uuid = repository.to_string().parse().unwrap_or_default();
    urn(Uuid::new_v5(&repository, what.as_bytes()))
}

fn person(name: &str) -> Person {
    let name = clean(name);
    Person { name: if name.trim().is_empty() { "unknown".to_owned() } else { name }, ..Person::default() }
}

fn link(rel: &str, href: String) -> Link {
    Link { href, rel: rel.to_owned(), ..Link::default() }
}

fn content(text: &str) -> Content {
    Content { value: Some(clean(text)), content_type: Some("text".to_owned()), ..Content::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::CommitSha;

    fn of(message: &str, author: &str) -> ActivityRow {
        let sha: CommitSha = "a".repeat(40).parse().unwrap();
        let commit = CommitView {
            sha,
            message: message.to_owned(),
            author: author.to_owned(),
            date: 1_795_000_000_000,
            components: vec!["button".parse().unwrap()],
            files: Vec::new(),
            more_files: 0,
        };
        ActivityRow {
            at: commit.date,
            repository: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
            repository_name: "ui".to_owned(),
            what: Happening::Commit(commit),
        }
    }

    fn read_back(rows: &[ActivityRow]) -> Feed {
        let telling = Telling {
            origin: "https://r.example",
            name: "acme",
            organisation: "org_a",
            asked: "?kind=changes&week=2026-11-16",
        };
        telling.feed(rows).to_string().parse().expect("a feed")
    }

    #[test]
    fn whatever_a_commit_says_the_feed_can_be_read_and_says_it() {
        let hostile = [
            "\u{0}\u{1}\u{8}\u{b}\u{c}\u{1b}[31m\u{7f}\u{85}\u{fffe}\u{ffff}",
            "]]> <![CDATA[ </title></entry></feed><script>alert(1)</script>",
            "&amp; &lt;b&gt; &#0; &unknown; \"'",
            "\u{202e}gnitirw\u{200b}\u{feff} 👩‍👩‍👧 \u{10ffff}",
            "subject\r\n\r\nbody\rmore\n\n<!ENTITY x SYSTEM \"file:///etc/passwd\">",
            "",
        ];
        for text in hostile {
            let feed = read_back(&[of(text, text)]);
            let entry = &feed.entries[0];
            let content = entry.content.as_ref().and_then(|content| content.value.clone()).unwrap_or_default();
            for told in [entry.title.as_str(), &content, &entry.authors[0].name] {
                let allowed =
                    |c: char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
                assert!(told.chars().all(allowed), "{told:?}");
            }
            assert!(content.ends_with("Components: button"), "{content:?}");
            assert_ne!(entry.authors[0].name, "");
        }
        let feed = read_back(&[of("Fix <Button> & \"Card\"", "Ann & Bo")]);
        assert_eq!(feed.entries[0].title.as_str(), "ui: Fix <Button> & \"Card\"");
        assert_eq!(feed.entries[0].authors[0].name, "Ann & Bo");
    }

    #[test]
    fn an_entry_keeps_its_id_and_leads_to_its_page() {
        let (one, other) = (read_back(&[of("One", "Ann")]), read_back(&[of("Two", "Bo"), of("One", "Ann")]));
        assert_eq!((&one.entries[0].id, &one.id), (&other.entries[0].id, &other.id));
        assert!(one.entries[0].id.starts_with("urn:uuid:"));
        let expected =
            format!("https://r.example/registry/00000000-0000-4000-8000-000000000001/commits/{}", "a".repeat(40));
        assert_eq!(one.entries[0].links[0].href, expected);
        let links: Vec<_> = one.links.iter().map(|link| (link.rel.as_str(), link.href.as_str())).collect();
        assert_eq!(
            links,
            [
                ("self", "https://r.example/activity.atom?kind=changes&week=2026-11-16"),
                ("alternate", "https://r.example/activity?kind=changes&week=2026-11-16")
            ]
        );
        assert_eq!(one.updated.timestamp_millis(), 1_795_000_000_000);
        assert_eq!(read_back(&[]).updated.timestamp_millis(), 0);
    }

    #[test]
    fn a_password_is_a_token_and_nothing_else_is_touched() {
        let sent = |value: &str| {
            let mut headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            token_for_password(&mut headers);
            headers[header::AUTHORIZATION].to_str().unwrap().to_owned()
        };
        assert_eq!(sent(&format!("Basic {}", BASE64_STANDARD.encode("feed:ekr_a:b"))), "Bearer ekr_a:b");
        assert_eq!(sent(&format!("basic {}", BASE64_STANDARD.encode(":x"))), "Bearer x");
        for same in ["Bearer ekr_a", "Basic", "Basic !", "Basic eA==", "Digest eDp5"] {
            assert_eq!(sent(same), same);
        }
        let broken = format!("Basic {}", BASE64_STANDARD.encode("a:b\r\nc"));
        assert_eq!(sent(&broken), broken);
    }
}
