//! What the list of repositories and the page of members show.

use crate::app::{format::actor_label, words::t};
use clerk::{Members, UserId};
use model::view::{Health, Millis, RepositoryOverview};
use serde::Serialize;
use std::collections::HashMap;

/// The list of repositories.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoriesData {
    /// Those that are shown, by name.
    pub rows: Vec<RepositoryOverview>,
    /// How many there are in each state, those that need someone first.
    pub counts: Vec<(Health, usize)>,
    /// The state that is shown; none for all.
    pub shown: Option<Health>,
}

impl RepositoriesData {
    /// How many there are in all.
    pub fn total(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// The word for a state in an address: `broken`.
pub fn health_word(health: Health) -> &'static str {
    match health {
        Health::Fresh => "fresh",
        Health::Working => "working",
        Health::Attention => "attention",
        Health::Broken => "broken",
    }
}

/// What people are called, as far as their organisation tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct People(HashMap<String, String>);

impl People {
    /// The members of an organisation.
    pub fn of(members: &Members) -> Self {
        let names = members.names().into_iter();
        Self(names.map(|(id, name): (UserId, String)| (id.as_str().to_owned(), name)).collect())
    }

    /// Who did something, as people say it, for an actor such as `person:user_1`:
    /// `Ada`, `The operator`, `A token`.
    pub fn called(&self, actor: &str) -> String {
        match actor.split_once(':') {
            None | Some(("person", "user_local")) => t!("The operator").into_owned(),
            Some(("person", id)) => self.0.get(id).cloned().unwrap_or_else(|| id.to_owned()),
            Some(("token", _)) => t!("A token").into_owned(),
            Some(("webhook", _)) => t!("A webhook").into_owned(),
            Some(("job", _)) => t!("The service").into_owned(),
            Some((_, name)) => name.to_owned(),
        }
    }

    /// The same within a sentence: `by Ada`; nothing for what the service did by itself.
    pub fn by(&self, actor: &str) -> String {
        match actor.strip_prefix("person:").and_then(|id| self.0.get(id)) {
            Some(name) => t!("by %{name}", name = name).into_owned(),
            None => actor_label(actor),
        }
    }
}

/// Who is in the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MembersData {
    /// Local mode: one operator, who signs in by a link of this machine.
    Local,
    /// Clerk tells.
    Known {
        /// The members.
        members: Vec<MemberRow>,
        /// How many there are; more than are listed in a large organisation.
        total: usize,
        /// Where others are invited.
        platform: String,
    },
    /// Clerk does not answer.
    Unknown {
        /// Where members are listed, too.
        platform: String,
    },
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberRow {
    /// Their name, else what they sign in with, else their id.
    pub name: String,
    /// What they sign in with, where that is not the name.
    pub identifier: Option<String>,
    /// Whether they may change everything.
    pub is_admin: bool,
    /// The role, as the organisation calls it.
    pub role: String,
    /// When they joined.
    pub joined_at: Option<Millis>,
    /// Whether it is whoever looks at the page.
    pub is_you: bool,
    /// What the audit trail calls them.
    pub actor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_name_where_one_is_known() {
        let people = People(HashMap::from([("user_ada".to_owned(), "Ada".to_owned())]));
        for (actor, called, by) in [
            ("person:user_ada", "Ada", "by Ada"),
            ("person:user_gone", "user_gone", "by user_gone"),
            ("person:user_local", "The operator", "by the operator"),
            ("operator", "The operator", "by the operator"),
            ("token:1", "A token", "by a token"),
            ("job:sync", "The service", ""),
        ] {
            assert_eq!((people.called(actor).as_str(), people.by(actor).as_str()), (called, by), "{actor}");
        }
    }
}
