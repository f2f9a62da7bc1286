//! Who is in an organisation: asked of Clerk once in a while, for pages that name
//! people.

use crate::{Backend, Member, OrganizationId, UserId};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Most organisations that are remembered.
const MOST: u64 = 1_000;

/// For this long nobody asks again, also where asking failed.
const FRESH: Duration = Duration::from_mins(1);

/// A page waits this long at most: it can be shown without names.
const PATIENCE: Duration = Duration::from_secs(2);

/// The members of an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Those who joined first at first; 500 at most.
    pub list: Vec<Member>,
    /// How many there are in all.
    pub total: usize,
}

impl Members {
    /// What people call each of them: their name, else what they sign in with.
    pub fn names(&self) -> HashMap<UserId, String> {
        let named = self.list.iter().filter_map(|member| {
            let name = member.name.clone().or_else(|| member.identifier.clone())?;
            Some((member.user.clone()?, name))
        });
        named.collect()
    }
}

/// Remembers members. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Rosters {
    backend: Backend,
    known: moka::sync::Cache<OrganizationId, Option<Arc<Members>>>,
}

impl Rosters {
    /// Remembers nobody at first.
    pub(crate) fn new(backend: Backend) -> Self {
        let known = moka::sync::Cache::builder().max_capacity(MOST).time_to_live(FRESH).build();
        Self { backend: backend.with_patience(PATIENCE), known }
    }

    /// The members of an organisation, if Clerk tells in time.
    pub(crate) async fn members(&self, id: &OrganizationId) -> Option<Arc<Members>> {
        if let Some(known) = self.known.get(id) {
            return known;
        }
        let found = match self.backend.members(id).await {
            Ok((list, total)) => Some(Arc::new(Members { list, total })),
            Err(error) => {
                tracing::debug!(organization = %id, %error, "the members of an organisation cannot be read");
                None
            }
        };
        self.known.insert(id.clone(), found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ClerkSettings, InstanceKind,
        testing::{FakeClerk, Trouble},
    };
    use serde_json::json;

    fn rosters(fake: &FakeClerk) -> Rosters {
        let settings = ClerkSettings::read(&fake.variables("http://localhost:3030")).unwrap().unwrap();
        Rosters::new(Backend::new(net::OperatorClient::new().unwrap(), &settings))
    }

    #[tokio::test]
    async fn members_are_asked_for_once_also_where_nobody_answers() {
        let fake = FakeClerk::start(InstanceKind::Production);
        fake.organization("org_1", "Acme", json!({})).organization("org_2", "Other", json!({}));
        fake.user("user_ada", "Ada", &[("org_1", "org:admin")]);
        fake.user("user_bo", "Bo", &[("org_1", "org:member"), ("org_2", "org:member")]);
        fake.trouble("/v1/organizations/org_2", Trouble::Status(500));
        let rosters = rosters(&fake);
        let (first, second) = ("org_1".parse().unwrap(), "org_2".parse().unwrap());
        for _ in 0..3 {
            let members = rosters.members(&first).await.unwrap();
            let told: Vec<_> =
                members.list.iter().map(|member| (member.name.as_deref(), member.role.as_str())).collect();
            assert_eq!(told, [(Some("Ada"), "org:admin"), (Some("Bo"), "org:member")]);
            assert_eq!(members.total, 2);
            assert_eq!(members.names()[&"user_bo".parse().unwrap()], "Bo");
            assert_eq!(members.list[0].identifier.as_deref(), Some("ada@example.com"));
            assert_eq!(rosters.members(&second).await, None);
        }
        assert_eq!(fake.calls("GET /v1/organizations/org_1/memberships"), 1);
        assert!(fake.calls("GET /v1/organizations/org_2/memberships") <= 3, "the calls of one question");
    }

    #[tokio::test]
    async fn a_large_organisation_is_read_page_by_page_up_to_a_limit() {
        let fake = FakeClerk::start(InstanceKind::Production);
        fake.organization("org_1", "Acme", json!({}));
        for number in 0..520 {
            fake.user(&format!("user_{number}"), "Ada", &[("org_1", "org:member")]);
        }
        let members = rosters(&fake).members(&"org_1".parse().unwrap()).await.unwrap();
        assert_eq!((members.list.len(), members.total), (500, 520));
        assert_eq!(fake.calls("GET /v1/organizations/org_1/memberships"), 5);
    }
}
