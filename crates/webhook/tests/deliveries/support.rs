//! A delivery as a host would send it.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use webhook::{Authentic, Delivery, Event, HookSecret, Host, Malformed, Refused, authenticate, sign};

/// The time of every test, in seconds since 1970.
pub(crate) const NOW: i64 = 1_790_000_000;
/// Objects that refs move between.
pub(crate) const OLD: &str = "1111111111111111111111111111111111111111";
pub(crate) const NEW: &str = "2222222222222222222222222222222222222222";
pub(crate) const TAG_OBJECT: &str = "3333333333333333333333333333333333333333";
pub(crate) const ZERO: &str = "0000000000000000000000000000000000000000";

pub(crate) fn secret() -> HookSecret {
    HookSecret::from_bytes([42; 32])
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The name of the header that carries a host's signature.
pub(crate) fn signature_header(host: Host) -> &'static str {
    match host {
        Host::GitHub => "x-hub-signature-256",
        Host::GitLab => "webhook-signature",
        Host::Gitea => "x-gitea-signature",
        Host::Forgejo => "x-forgejo-signature",
        Host::BitbucketCloud | Host::BitbucketServer => "x-hub-signature",
    }
}

/// What this host sends for this event, signed.
pub(crate) fn sent(host: Host, event: &str, body: impl Into<Vec<u8>>) -> Sent {
    let mut sent = Sent { headers: HeaderMap::new(), body: body.into() };
    let named = match host {
        Host::GitHub => vec![("x-github-event", event), ("x-github-delivery", "id-1")],
        Host::GitLab => vec![
            ("x-gitlab-event", event),
            ("x-gitlab-event-uuid", "id-of-the-event"),
            ("idempotency-key", "id-1"),
            ("webhook-id", "id-1"),
            ("webhook-timestamp", "1790000000"),
        ],
        // Gitea sends GitHub's headers as well, and Forgejo Gitea's.
        Host::Gitea => vec![("x-github-event", event), ("x-gitea-event", event), ("x-gitea-delivery", "id-1")],
        Host::Forgejo => {
            vec![("x-gitea-event", event), ("x-forgejo-event", event), ("x-forgejo-delivery", "id-1")]
        }
        Host::BitbucketCloud => {
            vec![("x-event-key", event), ("x-hook-uuid", "id-of-the-hook"), ("x-request-uuid", "id-1")]
        }
        Host::BitbucketServer => vec![("x-event-key", event), ("x-request-id", "id-1")],
    };
    for (name, value) in named {
        sent.set(name, value);
    }
    let signature = match host {
        Host::GitHub | Host::BitbucketCloud | Host::BitbucketServer => sign::prefixed(&secret(), &sent.body),
        Host::Gitea | Host::Forgejo => sign::hexadecimal(&secret(), &sent.body),
        Host::GitLab => sign::standard(&secret(), "id-1", "1790000000", &sent.body),
    };
    sent.set(signature_header(host), &signature);
    sent
}

impl Sent {
    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.headers
            .insert(name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"));
        self
    }

    pub(crate) fn without(&mut self, name: &str) -> &mut Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn arrives(&self) -> Result<Authentic<'_>, Refused> {
        authenticate(&self.headers, &self.body, &secret(), NOW)
    }

    pub(crate) fn read(&self) -> Result<Delivery, Malformed> {
        self.arrives().expect("it is genuine").read()
    }

    pub(crate) fn event(&self) -> Event {
        self.read().expect("it can be read").event
    }
}

/// The event of this JSON from this host.
pub(crate) fn event(host: Host, name: &str, body: &Value) -> Event {
    sent(host, name, body.to_string()).event()
}

/// The changes as text: `refs/heads/main 1111111 2222222`.
pub(crate) fn changes(event: &Event) -> Vec<String> {
    use webhook::Tip;
    let tip = |tip: &Tip| match tip {
        Tip::None => "none".to_owned(),
        Tip::At(commit) => commit.short().to_owned(),
        Tip::Somewhere => "somewhere".to_owned(),
    };
    let Event::Push { changes } = event else { panic!("not a push: {event:?}") };
    changes.iter().map(|change| format!("{} {} {}", change.name, tip(&change.before), tip(&change.after))).collect()
}
