//! The git hosts, and by which headers their deliveries are told apart.

use crate::DeliveryId;
use http::HeaderMap;
use std::fmt;

/// A kind of git host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Host {
    /// GitHub and GitHub Enterprise:
    /// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers>.
    GitHub,
    /// GitLab: <https://docs.gitlab.com/user/project/integrations/webhooks/#delivery-headers>.
    GitLab,
    /// Gitea: <https://docs.gitea.com/usage/repository/webhooks>.
    Gitea,
    /// Forgejo, and Codeberg: <https://forgejo.org/docs/latest/user/webhooks/>.
    Forgejo,
    /// Bitbucket Cloud: <https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/>.
    BitbucketCloud,
    /// Bitbucket Server and Data Center:
    /// <https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html>.
    BitbucketServer,
}

impl Host {
    /// All of them, the most common first.
    pub const ALL: [Self; 6] =
        [Self::GitHub, Self::GitLab, Self::Forgejo, Self::Gitea, Self::BitbucketCloud, Self::BitbucketServer];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
            Self::Gitea => "Gitea",
            Self::Forgejo => "Forgejo",
            Self::BitbucketCloud => "Bitbucket Cloud",
            Self::BitbucketServer => "Bitbucket Data Center",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What a delivery's headers say of it. Anyone can write them: a claim, until
/// the body's signature shows that it is not made up, and a hint after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The kind of host.
    pub host: Host,
    /// The event's name, as the host writes it; at most 64 characters.
    pub event: String,
    /// The delivery's id.
    pub id: Option<DeliveryId>,
}

impl Claim {
    /// Reads the headers; `None` if they are of no known host.
    ///
    /// Forgejo sends Gitea's headers too, and both send GitHub's, so the order matters.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let claim = |host, event: &str, ids: &[&str]| {
            let event = single(headers, event)?;
            // GitLab's names have spaces; control characters are none of ours.
            let event = event.chars().filter(|c| !c.is_control()).take(64).collect();
            let id = ids.iter().find_map(|name| single(headers, name)?.parse().ok());
            Some(Self { host, event, id })
        };
        let bitbucket = if headers.contains_key("x-request-uuid") || headers.contains_key("x-hook-uuid") {
            Host::BitbucketCloud
        } else {
            Host::BitbucketServer
        };
        claim(Host::Forgejo, "x-forgejo-event", &["x-forgejo-delivery"])
            .or_else(|| claim(Host::Gitea, "x-gitea-event", &["x-gitea-delivery"]))
            // `webhook-id` repeats `Idempotency-Key`, which stays the same when a delivery is tried again.
            .or_else(|| {
                claim(Host::GitLab, "x-gitlab-event", &["webhook-id", "idempotency-key", "x-gitlab-event-uuid"])
            })
            .or_else(|| claim(Host::GitHub, "x-github-event", &["x-github-delivery"]))
            // `X-Hook-UUID` names the webhook, not the delivery.
            .or_else(|| claim(bitbucket, "x-event-key", &["x-request-uuid", "x-request-id"]))
    }
}

/// A header that is there once, as visible ASCII.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}
