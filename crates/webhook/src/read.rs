//! From a genuine body to what it says.

mod bitbucket;
mod github;
mod gitlab;

use crate::{Authentic, Delivery, Event, Host, RefChange};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// A genuine delivery whose body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The body of this `{event}` delivery cannot be read: {problem}. It is signed, so its sender made it so: if the host offers a payload template, reset it; if not, send it again."
)]
pub struct Malformed {
    /// The event's name.
    pub event: String,
    /// What is wrong with it, and where.
    pub problem: String,
}

impl Authentic<'_> {
    /// Reads what the delivery says. Fields that are not needed are not looked at.
    ///
    /// # Errors
    /// [`Malformed`], if it is a push and not what the host's documentation says.
    pub fn read(&self) -> Result<Delivery, Malformed> {
        let claim = &self.claim;
        let malformed = |problem: String| Malformed {
            event: claim.event.clone(),
            problem: problem.chars().take(200).filter(|c| !c.is_control()).collect(),
        };
        let event = match (claim.host, claim.event.as_str()) {
            (Host::GitHub, "ping") | (Host::BitbucketServer, "diagnostics:ping") => Event::Ping,
            (Host::GitHub | Host::Gitea | Host::Forgejo, "push") => self.push(github::push).map_err(malformed)?,
            (Host::GitHub | Host::Gitea | Host::Forgejo, "create") => self.push(github::create).map_err(malformed)?,
            (Host::GitHub | Host::Gitea | Host::Forgejo, "delete") => self.push(github::delete).map_err(malformed)?,
            (Host::GitLab, "Push Hook" | "Tag Push Hook") => self.push(gitlab::push).map_err(malformed)?,
            (Host::BitbucketCloud, "repo:push") => self.push(bitbucket::cloud).map_err(malformed)?,
            (Host::BitbucketServer, "repo:refs_changed") => self.push(bitbucket::server).map_err(malformed)?,
            (_, other) => Event::Ignored(other.to_owned()),
        };
        Ok(Delivery { host: claim.host, id: claim.id.clone(), event })
    }

    /// A push; one that moves neither branch nor tag is ignored.
    fn push(&self, read: fn(&[u8]) -> Result<Vec<RefChange>, String>) -> Result<Event, String> {
        let changes = read(&self.json()?)?;
        Ok(if changes.is_empty() { Event::Ignored(self.claim.event.clone()) } else { Event::Push { changes } })
    }

    fn json(&self) -> Result<Cow<'_, [u8]>, String> {
        if !self.form {
            return Ok(Cow::Borrowed(self.body));
        }
        let payload = form_urlencoded::parse(self.body).find(|(name, _)| name == "payload");
        match payload {
            Some((_, Cow::Borrowed(text))) => Ok(Cow::Borrowed(text.as_bytes())),
            Some((_, Cow::Owned(text))) => Ok(Cow::Owned(text.into_bytes())),
            None => Err("it is a form without the field `payload`".to_owned()),
        }
    }
}

/// Reads JSON; what is wrong is told with line and column.
fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| error.to_string())
}
